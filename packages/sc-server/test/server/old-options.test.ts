import { describe, expect, it } from '@jest/globals';
import { clusterTable } from '../../src/cluster/options/cluster-table.js';
import { renamedOptions } from '../../src/cluster/options/renamed.js';
import { serverTable } from '../../src/server/options.js';
import { renamedServerOptions } from '../../src/server/renamed-options.js';

/** Options of the published generations of SocketCluster, with their defaults or samples. */
const generations = {
  'a cluster of versions 9 to 14': [
    ...['port', 'workers', 'brokers', 'appName', 'instanceId', 'secretKey', 'authKey', 'authPrivateKey'],
    ...['authPublicKey', 'authDefaultExpiry', 'authAlgorithm', 'authVerifyAlgorithms', 'authSignAsync'],
    ...['authVerifyAsync', 'crashWorkerOnError', 'rebootWorkerOnCrash', 'killWorkerMemoryThreshold', 'protocol'],
    ...['protocolOptions', 'logLevel', 'handshakeTimeout', 'ackTimeout', 'ipcAckTimeout', 'pingInterval'],
    ...['pingTimeout', 'pingTimeoutDisabled', 'origins', 'socketChannelLimit', 'workerStatusInterval'],
    ...['processTermTimeout', 'forceKillTimeout', 'forceKillSignal', 'propagateErrors', 'propagateWarnings'],
    ...['middlewareEmitWarnings', 'host', 'tcpSynBacklog', 'workerController', 'brokerController'],
    ...['brokerConnectRetryErrorThreshold', 'workerClusterController', 'rebootOnSignal', 'downgradeToUser', 'path'],
    ...['socketRoot', 'schedulingPolicy', 'allowClientPublish', 'defaultWorkerDebugPort', 'defaultBrokerDebugPort'],
    ...['pubSubBatchDuration', 'environment', 'killMasterOnSignal', 'wsEngine', 'brokerEngine'],
    ...['clusterStateServerHost', 'clusterStateServerPort', 'clusterMappingEngine', 'clusterClientPoolSize'],
    ...['clusterAuthKey', 'clusterInstanceIp', 'clusterInstanceIpFamily', 'clusterStateServerConnectTimeout'],
    ...['clusterStateServerAckTimeout', 'clusterStateServerReconnectRandomness'],
  ],
  'a server of versions 15 to 20': [
    ...['brokerEngine', 'wsEngine', 'wsEngineServerOptions', 'maxPayload', 'allowClientPublish', 'ackTimeout'],
    ...['handshakeTimeout', 'strictHandshake', 'pingTimeout', 'pingTimeoutDisabled', 'pingInterval', 'origins', 'path'],
    ...['protocolVersion', 'authDefaultExpiry', 'batchOnHandshake', 'batchOnHandshakeDuration', 'batchInterval'],
    ...['middlewareEmitFailures', 'socketStreamCleanupMode', 'cloneData', 'perMessageDeflate', 'socketChannelLimit'],
    ...['authKey', 'authPrivateKey', 'authPublicKey', 'authVerifyAlgorithms', 'authAlgorithm', 'authEngine'],
  ],
};

/** Has no effect in a cluster alone, or is set by a method there. */
const byMethod = ['authEngine', 'codecEngine'];

describe('every option of', () => {
  it.each(Object.entries(generations))('%s is known, or refused with what to write instead', (name, options) => {
    const [rules, renamed] = name.includes('cluster')
      ? [clusterTable, renamedOptions]
      : [serverTable, renamedServerOptions];
    const unanswered = options.filter((option) => !(option in rules) && !Object.hasOwn(renamed, option));
    expect(unanswered.filter((option) => !byMethod.includes(option))).toEqual([]);
  });

  it('has one answer: what is known is not also refused', () => {
    expect(Object.keys(renamedOptions).filter((option) => option in clusterTable)).toEqual([]);
    expect(Object.keys(renamedServerOptions).filter((option) => option in serverTable)).toEqual([]);
  });
});

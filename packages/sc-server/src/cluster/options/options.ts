import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { InvalidOptionsError } from 'sc-protocol';
import { checkOptions, settle } from 'sc-protocol/kit';
import { generateAuthKey } from '../../auth/keys.js';
import { readEnvironment, withoutSecretVariables } from '../../kit/options/environment.js';
import { withoutUndefined } from '../../kit/options/without-undefined.js';
import { parseLogLevel } from '../../log/entry.js';
import { checkHttpTimes, httpSettings } from '../../server/http-timeouts.js';
import { checkAuthCookie, checkTimes, hasAuthKey, serverDefaults } from '../../server/options.js';
import { findChildUser } from '../host/child-user.js';
import { clusterTable, ownTable, sharedTable, type SocketClusterOptions } from './cluster-table.js';
import { checkDebugPort, refuseWithoutBalancers } from './option-pairs.js';
import { checkProtocol, readAgain } from './protocol-options.js';
import { renamedOptions } from './renamed.js';
import type { ResolvedClusterOptions } from './resolved-options.js';
import { resolveStoreOptions } from './store-options.js';
import { resolveSupervisorOptions } from './supervisor-options.js';

/**
 * The given options, then the environment, then the defaults. Throws `InvalidOptionsError` at the first invalid option.
 */
export function resolveClusterOptions(
  given: Partial<SocketClusterOptions>,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedClusterOptions {
  checkOptions('SocketCluster', given, clusterTable, { renamed: renamedOptions });
  const environment = readEnvironment(env, clusterTable);
  // Each value has passed the rule of its option.
  const options = { ...environment.options, ...withoutUndefined(given) } as SocketClusterOptions;
  if ((options as Partial<SocketClusterOptions>).workerController === undefined) {
    throw new InvalidOptionsError('workerController is required: the path of a module that exports run(worker)', {
      option: 'workerController',
    });
  }
  const { pingInterval = serverDefaults.pingInterval, pingTimeout = serverDefaults.pingTimeout } = options;
  checkTimes({ pingInterval, pingTimeout });
  checkHttpTimes(httpSettings(options));
  checkAuthCookie(options);
  const settled = settle(ownTable, options);
  const { protocol, protocolOptions: tls } = settled;
  const protocolOptions = typeof tls === 'function' ? tls() : tls;
  checkProtocol(protocol, protocolOptions);
  const workers = settled.workers === 'auto' ? availableParallelism() : settled.workers;
  const defaultBalancers = protocol === 'https' ? Math.max(1, Math.floor(workers / 2)) : 0;
  const balancers = options.balancers ?? defaultBalancers;
  refuseWithoutBalancers(options, balancers);
  if (settled.protocolFiles.length > 0 && typeof tls !== 'function') {
    throw new InvalidOptionsError('`protocolFiles` needs protocolOptions to be a function, which reads them', {
      option: 'protocolFiles',
    });
  }
  if (options.healthHost !== undefined && options.healthPort === undefined) {
    throw new InvalidOptionsError('`healthHost` needs healthPort, which is not given', { option: 'healthHost' });
  }
  checkDebugPort('workerDebugPort', options.workerDebugPort, workers);
  const stores = options.stores ?? Math.ceil(workers / 4);
  checkDebugPort('storeDebugPort', options.storeDebugPort, stores);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    ...settled,
    ...resolveSupervisorOptions(options),
    workerController: resolve(options.workerController),
    storeController: absolute(options.storeController),
    balancerController: absolute(options.balancerController),
    storeSettings: resolveStoreOptions(options),
    childUser: findChildUser(settled.downgradeToUser),
    workers,
    stores,
    balancers,
    protocolOptions,
    readProtocolOptions: typeof tls === 'function' ? () => readAgain(tls) : undefined,
    protocolFiles: settled.protocolFiles.map((file) => resolve(file)),
    logLevel: parseLogLevel(settled.logLevel),
    hasRandomAuthKey: !hasAuthKey(options),
    server: serverOptions(options, settled.processTermTimeout),
    warnings: environment.warnings,
    childEnv: withoutSecretVariables(env, clusterTable),
  };
}

/** Share of `processTermTimeout` within which the connections of a worker must end. */
const closeShare = 0.8;

function serverOptions(options: SocketClusterOptions, termTimeout: number): ResolvedClusterOptions['server'] {
  const given = options as unknown as Record<string, unknown>;
  const shared = Object.keys(sharedTable).filter((name) => given[name] !== undefined);
  return {
    ...Object.fromEntries(shared.map((name) => [name, given[name]])),
    authKey: options.authKey ?? generateAuthKey(),
    // Requests are cut before the process is killed, so that it can exit in order.
    closeTimeout: Math.min(options.closeTimeout ?? serverDefaults.closeTimeout, Math.ceil(termTimeout * closeShare)),
  };
}

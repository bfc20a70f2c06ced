import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { InvalidOptionsError } from 'sc-protocol';
import { checkOptions, givenOptions, Refusals, settle } from 'sc-protocol/kit';
import { generateAuthKey } from '../../auth/keys.js';
import { readEnvironment, withoutSecretVariables } from '../../kit/options/environment.js';
import { parseLogLevel } from '../../log/entry.js';
import { checkServerPairs, hasAuthKey, serverDefaults } from '../../server/options.js';
import { findChildUser } from '../host/child-user.js';
import { clusterTable, ownTable, sharedTable, type SocketClusterOptions } from './cluster-table.js';
import { checkDebugPort, refuseWithoutBalancers } from './option-pairs.js';
import { checkProtocol, readAgain } from './protocol-options.js';
import { renamedOptions } from './renamed.js';
import type { ResolvedClusterOptions } from './resolved-options.js';
import { isRemote, resolveSharedStores, type SharedStores } from './shared-stores.js';
import { resolveStoreOptions } from './store-options.js';
import { resolveSupervisorOptions } from './supervisor-options.js';

/**
 * Resolves the options: given ones first, then the environment, then the defaults. Throws one `InvalidOptionsError` for
 * all invalid options.
 */
export function resolveClusterOptions(
  given: Partial<SocketClusterOptions>,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedClusterOptions {
  const refusals = new Refusals();
  refusals.run(() => checkOptions('SocketCluster', given, clusterTable, { renamed: renamedOptions }));
  const environment = refusals.run(() => readEnvironment(env, clusterTable));
  if (environment === undefined) throw refusals.error();
  // Each value has passed the rule of its option, or `refusals` throws below.
  const options = { ...environment.options, ...givenOptions(given) } as SocketClusterOptions;
  checkRequired(options, refusals);
  checkServerPairs({ ...serverDefaults, ...options }, refusals);
  const tls = refusals.runUnlessRefused(['protocol', 'protocolOptions'], () => resolveProtocol(options));
  const counts = countProcesses(options);
  refusals.runUnlessRefused(['stores', 'balancers', 'protocol'], () => checkCounts(options, counts));
  const storeSettings = refusals.runUnlessRefused(['channels', 'storeFsync'], () => resolveStoreOptions(options));
  const sharedNames = ['storeAddresses', 'storeSecretFile', 'storeTls'];
  const sharedStores = refusals.runUnlessRefused(sharedNames, () => resolveSharedStores(options));
  if (tls === undefined || storeSettings === undefined) throw refusals.error();
  refusals.throwAny();
  const settled = settle(ownTable, options);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    ...settled,
    ...resolveSupervisorOptions(options),
    ...counts,
    ...tls,
    workerController: resolve(options.workerController),
    storeController: absolute(options.storeController),
    balancerController: absolute(options.balancerController),
    storeSettings,
    childUser: findChildUser(settled.downgradeToUser),
    sharedStores,
    protocolFiles: settled.protocolFiles.map((file) => resolve(file)),
    logLevel: parseLogLevel(settled.logLevel),
    hasRandomAuthKey: !hasAuthKey(options) && sharedStores === undefined,
    server: serverOptions(options, settled.processTermTimeout),
    warnings: [...environment.warnings, ...sharedStoreWarnings(sharedStores, hasAuthKey(options))],
    childEnv: withoutSecretVariables(env, clusterTable),
  };
}

/** Reports missing required options, and options that need another one. */
function checkRequired(options: Partial<SocketClusterOptions>, refusals: Refusals): void {
  const needs = (option: keyof SocketClusterOptions, message: string) => {
    refusals.runUnlessRefused([option], () => {
      throw new InvalidOptionsError(message, { option });
    });
  };
  if (options.workerController === undefined) {
    needs('workerController', 'workerController is required: the path of a module that exports run(worker)');
  }
  if ((options.protocolFiles ?? []).length > 0 && typeof options.protocolOptions !== 'function') {
    needs('protocolFiles', '`protocolFiles` needs protocolOptions to be a function, which reads them');
  }
  if (options.healthHost !== undefined && options.healthPort === undefined) {
    needs('healthHost', '`healthHost` needs healthPort, which is not given');
  }
  const { adminPort, adminHost, adminToken } = options;
  if (adminPort !== undefined && adminToken === undefined) {
    needs('adminPort', '`adminPort` needs adminToken, which is not given');
  }
  if (adminHost !== undefined && adminPort === undefined) {
    needs('adminHost', '`adminHost` needs adminPort, which is not given');
  }
  if (adminToken !== undefined && adminPort === undefined) {
    needs('adminToken', '`adminToken` needs adminPort, which is not given');
  }
}

/** Reads and checks the TLS options. */
function resolveProtocol({
  protocol = ownTable.protocol.default,
  protocolOptions: given,
}: SocketClusterOptions): Pick<ResolvedClusterOptions, 'protocolOptions' | 'readProtocolOptions'> {
  const protocolOptions = typeof given === 'function' ? given() : given;
  checkProtocol(protocol, protocolOptions);
  return { protocolOptions, readProtocolOptions: typeof given === 'function' ? () => readAgain(given) : undefined };
}

type Counts = Pick<ResolvedClusterOptions, 'workers' | 'stores' | 'balancers'>;

/**
 * Determines the numbers of processes: with TLS half as many balancers as workers, and one store per four workers
 * unless the stores are shared.
 */
function countProcesses(options: SocketClusterOptions): Counts {
  const { workers: given, stores, storeAddresses, balancers, protocol } = options;
  const workers = typeof given === 'number' ? given : availableParallelism();
  const ownStores = storeAddresses === undefined ? (stores ?? Math.ceil(workers / 4)) : 0;
  const defaultBalancers = protocol === 'https' ? Math.max(1, Math.floor(workers / 2)) : 0;
  return { workers, stores: ownStores, balancers: balancers ?? defaultBalancers };
}

/** Reports options that conflict with the numbers of processes. */
function checkCounts(options: SocketClusterOptions, { workers, stores, balancers }: Counts): void {
  const refusals = new Refusals();
  refusals.run(() => refuseWithoutBalancers(options, balancers));
  refusals.run(() => checkDebugPort('workerDebugPort', options.workerDebugPort, workers));
  refusals.run(() => checkDebugPort('storeDebugPort', options.storeDebugPort, stores));
  refusals.throwAny();
}

function sharedStoreWarnings(shared: SharedStores | undefined, hasKey: boolean): string[] {
  if (shared === undefined) return [];
  return [
    ...(hasKey
      ? []
      : [
          'No authKey was given: auth tokens are signed with a random key, so those of one host are invalid on the others',
        ]),
    ...(shared.tls !== undefined || !isRemote(shared)
      ? []
      : ['No storeTls was given: the links to the stores on other hosts are not encrypted']),
  ];
}

/** Share of `processTermTimeout` within which the connections of a worker must end. */
const closeShare = 0.8;

function serverOptions(options: SocketClusterOptions, termTimeout: number): ResolvedClusterOptions['server'] {
  const given = options as unknown as Record<string, unknown>;
  const shared = Object.keys(sharedTable).filter((name) => given[name] !== undefined);
  return {
    ...Object.fromEntries(shared.map((name) => [name, given[name]])),
    authKey: options.authKey ?? generateAuthKey(),
    // Close requests before the process is killed, so that it can exit in order.
    closeTimeout: Math.min(options.closeTimeout ?? serverDefaults.closeTimeout, Math.ceil(termTimeout * closeShare)),
  };
}

import { randomBytes } from 'node:crypto';
import type { ClientTlsOptions, StoreAddress } from 'ndata-store';
import { inheritableExecArgv, WorkerPool } from 'sc-worker-pool';
import type { Delivery } from '../delivery/delivery.js';
import type { Candidate } from '../leadership.js';
import type { FromStore, FromWorker, StoreInit, ToStore, ToWorker, WorkerInit } from '../children/messages.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { LogThreshold } from '../../log/entry.js';
import { processFile } from './process-files.js';
import type { RuntimeDirectory } from '../host/runtime-directory.js';

export type WorkerProcesses = WorkerPool<WorkerInit, ToWorker, FromWorker>;
export type StoreProcesses = WorkerPool<StoreInit, ToStore, FromStore>;

/** Addresses and credentials of the stores. */
export interface StoreAccess {
  readonly shards: readonly StoreAddress[];
  readonly secret: string;
  readonly tls?: ClientTlsOptions | true;
}

export interface Pools {
  readonly storeAccess: StoreAccess;
  readonly stores: StoreProcesses;
  readonly workers: WorkerProcesses;
}

/**
 * Creates the pools of stores and workers without starting them. Secrets are passed to the children only in their init
 * message.
 */
export function createPools(
  options: ResolvedClusterOptions,
  directory: RuntimeDirectory,
  delivery: Delivery,
  leadsUntil: (candidate: Candidate) => number,
  log: { readonly threshold: LogThreshold },
): Pools {
  const { sharedStores } = options;
  const storeSecret = sharedStores?.secret ?? randomBytes(32).toString('hex');
  const storePath = (id: number) => directory.socketPath(`s${id}`);
  const ownShards = Array.from({ length: options.stores }, (_, store) => ({ socketPath: storePath(store) }));
  const shards = sharedStores?.addresses ?? ownShards;
  const common = commonPoolOptions(options);
  const stores: StoreProcesses = new WorkerPool({
    ...common,
    role: 'store',
    execArgv: processArguments(options.storeDebugPort, storeArguments),
    entry: processFile(options, 'store'),
    count: options.stores,
    init: (id) => ({
      logLevel: log.threshold,
      socketPath: storePath(id),
      returningClients: workers.members.filter(({ state }) => state === 'ready').length,
      secret: storeSecret,
      controllerPath: options.storeController,
      storeOptions: options.storeOptions,
      settings: options.storeSettings(id, directory.folderPath(`store-${id}`)),
    }),
  });
  const workers: WorkerProcesses = new WorkerPool({
    ...common,
    role: 'worker',
    execArgv: processArguments(options.workerDebugPort),
    memoryLimitBytes: options.killWorkerMemoryThreshold,
    entry: processFile(options, 'worker'),
    count: options.workers,
    init: (id, generation) => ({
      logLevel: log.threshold,
      appName: options.appName,
      controllerPath: options.workerController,
      server: options.server,
      workers: options.workers,
      port: delivery.port ?? options.port,
      delivery: delivery.forWorker(id, generation),
      stores: shards,
      storeSecret,
      storeTls: sharedStores?.tls,
      storeWaitMs: Math.ceil(options.readyTimeout / 2),
      // A host must not start without its stores, but a worker restarted during a store outage should serve without
      // them.
      mayLackStores: generation > 0,
      maxStorePendingCalls: options.maxStorePendingCalls,
      leadsUntil: leadsUntil({ id, generation }),
    }),
  });
  return {
    stores,
    workers,
    storeAccess: { shards, secret: storeSecret, ...(sharedStores?.tls && { tls: sharedStores.tls }) },
  };
}

/** Options shared by all pools. */
export function commonPoolOptions(options: ResolvedClusterOptions) {
  return {
    readyTimeoutMs: options.readyTimeout,
    stopTimeoutMs: options.processTermTimeout,
    respawn: options.rebootWorkerOnCrash,
    crashLoop: { maxCrashes: options.maxCrashesInARow, minUptimeMs: options.minProcessUptimeMs },
    outputPolicy: options.logOverflow,
    env: options.childEnv,
    ...options.childUser,
  };
}

/**
 * Per-client store data is short-lived, often for seconds. A larger V8 young generation collects it there; otherwise it
 * is promoted and stays until the next major GC, a quarter of an hour later.
 */
const storeArguments = ['--min-semi-space-size=4'];

/**
 * Returns the Node arguments of a process by id. Inherited arguments take precedence, except for those of a debugger;
 * each process gets its own debugger port.
 */
function processArguments(firstDebugPort: number | undefined, own: readonly string[] = []) {
  const inherited = [...own, ...inheritableExecArgv(process.execArgv)];
  return (id: number): readonly string[] =>
    firstDebugPort === undefined ? inherited : [...inherited, `--inspect=127.0.0.1:${firstDebugPort + id}`];
}

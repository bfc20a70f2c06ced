import { randomBytes } from 'node:crypto';
import { inheritableExecArgv, WorkerPool } from 'sc-worker-pool';
import type { Delivery } from './delivery/delivery.js';
import type { FromStore, FromWorker, StoreInit, ToStore, ToWorker, WorkerInit } from './messages.js';
import type { ResolvedClusterOptions } from './options.js';
import { processFiles } from './process-files.js';
import type { RuntimeDirectory } from './runtime-directory.js';

export type WorkerProcesses = WorkerPool<WorkerInit, ToWorker, FromWorker>;
export type StoreProcesses = WorkerPool<StoreInit, ToStore, FromStore>;

export interface Pools {
  readonly stores: StoreProcesses;
  readonly workers: WorkerProcesses;
}

/** Makes the pools of stores and workers; nothing starts yet. Secrets go to the children in their init message only. */
export function createPools(options: ResolvedClusterOptions, directory: RuntimeDirectory, delivery: Delivery): Pools {
  const storeSecret = randomBytes(32).toString('hex');
  const storePath = (id: number) => directory.socketPath(`s${id}`);
  const common = {
    readyTimeoutMs: options.readyTimeout,
    stopTimeoutMs: options.processTermTimeout,
    respawn: options.rebootWorkerOnCrash,
    env: options.childEnv,
    ...options.childUser,
  };
  const stores: StoreProcesses = new WorkerPool({
    ...common,
    role: 'store',
    ...debugArguments(options.storeDebugPort),
    entry: processFiles.store,
    count: options.stores,
    init: (id) => ({
      socketPath: storePath(id),
      secret: storeSecret,
      controllerPath: options.storeController,
      storeOptions: options.storeOptions,
    }),
  });
  const workers: WorkerProcesses = new WorkerPool({
    ...common,
    role: 'worker',
    ...debugArguments(options.workerDebugPort),
    memoryLimitBytes: options.killWorkerMemoryThreshold,
    entry: processFiles.worker,
    count: options.workers,
    init: (id, generation) => ({
      appName: options.appName,
      controllerPath: options.workerController,
      server: options.server,
      workers: options.workers,
      port: delivery.port ?? options.port,
      delivery: delivery.forWorker(id, generation),
      stores: Array.from({ length: options.stores }, (_, store) => ({ socketPath: storePath(store) })),
      storeSecret,
    }),
  });
  return { stores, workers };
}

/** Node's own arguments are inherited, without a debugger's; here each process gets one of its own. */
function debugArguments(firstPort: number | undefined): { execArgv?: (id: number) => readonly string[] } {
  if (firstPort === undefined) return {};
  return { execArgv: (id) => [...inheritableExecArgv(process.execArgv), `--inspect=127.0.0.1:${firstPort + id}`] };
}

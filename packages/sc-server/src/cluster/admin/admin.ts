import { WorkerPool } from 'sc-worker-pool';
import { InvalidArgumentsError, dehydrateError } from 'sc-protocol';
import type { AdminInit, AdminRequest, FromAdmin, ToAdmin } from '../../admin/admin-messages.js';
import type { CentralLog } from '../../log/central-log.js';
import type { ClusterStatus } from '../cluster-events.js';
import type { ControlOwner } from '../control/control-server.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import { watchPool, type PoolWatcher } from '../pools/crash-log.js';
import { commonPoolOptions, type Pools } from '../pools/pools.js';
import { processFile } from '../pools/process-files.js';
import { tell } from '../pools/tell.js';

export type AdminProcesses = WorkerPool<AdminInit, ToAdmin, FromAdmin>;

/** The process that serves the admin port. Clients are not affected if it fails. */
export interface Admin {
  readonly processes: AdminProcesses;
  readonly status: NonNullable<ClusterStatus['admin']>;
}

/** Creates the admin process of a cluster with the option `adminPort`, without starting it. */
export function createAdmin(
  options: ResolvedClusterOptions,
  { storeAccess }: Pools,
  owner: ControlOwner,
  log: CentralLog,
  watcher: Omit<PoolWatcher, 'count' | 'onExtinct'>,
): Admin | undefined {
  const { adminPort, adminHost: host, adminToken: token, appName } = options;
  if (adminPort === undefined || token === undefined) return undefined;
  let port: number | undefined;
  const processes: AdminProcesses = new WorkerPool({
    ...commonPoolOptions(options),
    role: 'admin',
    entry: processFile(options, 'admin'),
    count: 1,
    // A replacement process reuses the port, even if port 0 selected it.
    init: () => ({ logLevel: log.threshold, appName, host, token, storeAccess, port: port ?? adminPort }),
  });
  // The cluster continues without the admin process; the log reports that restarts have stopped.
  watchPool(processes, 'admin', log, { ...watcher, count: 1, onExtinct: () => undefined });
  processes.on('message', (member, message) => {
    if (message.type === 'listening') port = message.port;
    if (message.type !== 'request') return;
    const { requestId } = message;
    answer(owner, message.request).then(
      (result) => tell(member, { type: 'result', requestId, result }),
      (error: unknown) => tell(member, { type: 'refusal', requestId, error: dehydrateError(error) }),
    );
  });
  return {
    processes,
    get status() {
      return { pid: processes.members.at(-1)?.pid ?? 0, port };
    },
  };
}

async function answer(owner: ControlOwner, request: AdminRequest): Promise<unknown> {
  switch (request.command) {
    case 'status':
      return owner.status();
    case 'reload':
      return owner.reload();
    case 'drain':
      owner.drain(request.overMs);
      return undefined;
    case 'log-level':
      owner.setLogLevel(request.level);
      return undefined;
    case 'channels':
    case 'clients':
    case 'disconnect':
    case 'kick':
    case 'revoke':
      return owner.inspect(request);
    default:
      request satisfies never;
      throw new InvalidArgumentsError('The admin process asked for something unknown');
  }
}

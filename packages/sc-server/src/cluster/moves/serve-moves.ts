import type { Logger } from '../../log/logger.js';
import { canMoveConnections } from '../../websocket/can-move-connections.js';
import type { Delivery } from '../delivery/delivery.js';
import { socketsAreFiles } from '../host/platform.js';
import type { RuntimeDirectory } from '../host/runtime-directory.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { WorkerProcesses } from '../pools/pools.js';
import type { MoveCounts } from './move-counts.js';
import { Moves } from './moves.js';

/** The socket moves of a cluster. */
export interface ServedMoves {
  readonly counts: MoveCounts;
  /** Aborts moves in progress. */
  close(): void;
}

/**
 * Moves the open sockets whenever a worker is replaced, if the option `reload` enables moves and this platform supports
 * them.
 */
export function serveMoves(
  options: ResolvedClusterOptions,
  directory: RuntimeDirectory,
  workers: WorkerProcesses,
  delivery: Delivery,
  logger: Logger,
): ServedMoves {
  const moves = new Moves({ delivery, logger, workers: () => workers.members, timeoutMs: options.moveTimeout });
  if (options.reload === 'drain') return { counts: moves.counts, close: () => undefined };
  const drains = (reason: string): false => {
    logger.warn(`Reloads drain the open sockets instead of moving them: ${reason}`);
    return false;
  };
  const canMove = whetherMovable(options, directory, drains);
  workers.on('message', (member, message, handle) => {
    if (message.type === 'move') moves.handleMessage(member, message.message, handle);
  });
  workers.on('draining', (member) => moves.remove(member));
  workers.on('exit', (_report, member) => moves.forget(member));
  workers.beforeRetire(async (member, successor) => {
    if (await canMove) await moves.moveAll(member, successor);
  });
  return {
    get counts() {
      return moves.counts;
    },
    close: () => moves.close(),
  };
}

async function whetherMovable(
  { protocol, balancers }: ResolvedClusterOptions,
  directory: RuntimeDirectory,
  drains: (reason: string) => false,
): Promise<boolean> {
  if (!socketsAreFiles) return drains('this platform cannot pass them between processes');
  if (protocol === 'https' && balancers === 0) {
    return drains('workers that terminate TLS cannot pass on its keys; set `balancers`');
  }
  if (await canMoveConnections(directory.socketPath('try'))) return true;
  return drains('this version of Node.js does not pass on connections that are in use');
}

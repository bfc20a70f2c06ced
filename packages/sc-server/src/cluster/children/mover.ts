import type { Socket } from 'node:net';
import type { Logger } from '../../log/logger.js';
import type { FromMover, ToMover } from '../../moves/messages.js';
import { MoveSource } from '../../moves/move-source.js';
import { MoveTarget } from '../../moves/move-target.js';
import type { Sockets } from '../../server/sockets.js';
import type { RawHandle } from '../../websocket/raw-handle.js';

export interface MoverDeps {
  readonly sockets: Sockets;
  readonly logger: Logger;
  /** Counts a connection for this process. */
  readonly register: (connection: Socket) => void;
  readonly send: (message: FromMover, handle?: RawHandle, written?: (error: Error | null) => void) => void;
}

/**
 * Creates both ends of a worker's moves: it receives sockets when it is new, and gives them away when it is replaced.
 */
export function createMover({
  sockets,
  logger,
  register,
  send,
}: MoverDeps): (message: ToMover, handle: unknown) => void {
  const { parts, cores } = sockets;
  const source = new MoveSource({ parts, cores, send });
  const target = new MoveTarget({
    feeds: parts.channels.feeds,
    logger,
    adopt: (accepted) => sockets.adopt(accepted),
    register,
    send: (message, written) => send(message, undefined, written),
  });
  return (message, handle) => {
    switch (message.kind) {
      case 'follow':
      case 'adopt':
      case 'release':
        target.handleMessage(message, handle);
        break;
      default:
        source.handleMessage(message);
    }
  };
}

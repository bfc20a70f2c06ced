import { Socket } from 'node:net';
import { monotonicMs, parseHandOffOrder } from './messages.js';
import type { HandOffReply } from './messages.js';

/** Options of `receiveHandOffs`. */
export interface ReceiveOptions {
  /**
   * Sends a reply to the process that owns the {@link HandOffListener}. May throw if that process is gone. Pass a
   * callback to `process.send`; without one Node emits an `error` event that ends this process.
   */
  readonly send: (reply: HandOffReply) => void;
  /**
   * Accepts a connection, for example with `httpServer.emit('connection', connection)`. No bytes have been read from
   * it.
   */
  readonly accept: (connection: Socket) => void;
  /**
   * Maximum number of connections; further ones are refused. Limits the use of file descriptors, for example. @default
   * Infinity
   */
  readonly maxConnections?: number;
  /** The same clock as the listener's. @default the host's monotonic clock */
  readonly now?: () => number;
}

/** A target's side of the hand-off. */
export interface HandOffReceiver {
  /** Handles a message and the handle that came with it. Returns false if the message does not belong to a hand-off. */
  handleMessage(message: unknown, handle?: unknown): boolean;
  /** Counts a connection that reached this process in another way and that the listener has counted already. */
  adopt(connection: Socket): void;
  /** Number of open connections. */
  readonly connections: number;
  /** Refuses all further connections. Open connections continue and are still counted. Idempotent. */
  close(): void;
}

/** Receives the connections of a {@link HandOffListener}, acknowledges each one, and reports when they close. */
export function receiveHandOffs({
  send,
  accept,
  maxConnections = Infinity,
  now = monotonicMs,
}: ReceiveOptions): HandOffReceiver {
  let isClosed = false;
  let connections = 0;
  let released = 0;

  function reply(message: HandOffReply): void {
    try {
      send(message);
    } catch {
      // The listener's process is gone, so its counts no longer matter.
    }
  }

  function onClose(): void {
    connections--;
    // Send one message for all connections that close in the same turn of the event loop.
    if (released++ === 0) setImmediate(report);
  }

  function report(): void {
    reply({ kind: 'released', count: released });
    released = 0;
  }

  return {
    get connections() {
      return connections;
    },
    adopt(connection) {
      connections++;
      connection.once('close', onClose);
    },
    handleMessage(message, handle) {
      const order = parseHandOffOrder(message);
      if (order === undefined) return false;
      const connection = handle instanceof Socket ? handle : undefined;
      const isFull = connections >= maxConnections;
      if (isClosed || isFull || connection === undefined || now() > order.expiresAt) {
        // This closes only the descriptor of this process; the listener still has its own.
        connection?.destroy();
        reply({ kind: 'refused', id: order.id, ...(isFull && !isClosed && { isFull }) });
        return true;
      }
      connections++;
      connection.once('close', onClose);
      // Like connections of an `http.Server`: the client's FIN must not end the response.
      connection.allowHalfOpen = true;
      reply({ kind: 'accepted', id: order.id });
      accept(connection);
      return true;
    },
    close() {
      isClosed = true;
    },
  };
}

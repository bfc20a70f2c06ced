import { Socket } from 'node:net';
import { monotonicMs, parseHandOffOrder } from './messages.js';
import type { HandOffReply } from './messages.js';

/** Options of `receiveHandOffs`. */
export interface ReceiveOptions {
  /**
   * Sends a reply to the process that owns the {@link HandOffListener}. May throw when that process is gone; give
   * `process.send` a callback, or Node emits an `error` then that ends this process.
   */
  readonly send: (reply: HandOffReply) => void;
  /** Takes a connection, for example with `httpServer.emit('connection', connection)`. No byte of it was read. */
  readonly accept: (connection: Socket) => void;
  /** Connections beyond this number are refused, for example because no file descriptors are left. @default Infinity */
  readonly maxConnections?: number;
  /** The clock of the listener. @default the host's monotonic clock */
  readonly now?: () => number;
}

/** A target's side of the hand-off. */
export interface HandOffReceiver {
  /** Takes a message and what came with it. False when it is none of a hand-off. */
  handleMessage(message: unknown, handle?: unknown): boolean;
  /** Counts a connection that came to this process in another way; the listener knows of it. */
  adopt(connection: Socket): void;
  /** How many connections it has now. */
  readonly connections: number;
  /** Refuses from now on; connections that it has live on and are still counted. May be repeated. */
  close(): void;
}

/** Receives the connections a {@link HandOffListener} gives away, acknowledges each, and reports when they close. */
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
      // The listener's process is gone, and its counts with it.
    }
  }

  function onClose(): void {
    connections--;
    // One message for all that close in one turn of the loop.
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
        // Closes this process's copy only; the listener still has its own.
        connection?.destroy();
        reply({ kind: 'refused', id: order.id, ...(isFull && !isClosed && { isFull }) });
        return true;
      }
      connections++;
      connection.once('close', onClose);
      // As a server's own connections are: the end of what a client sends is not the end of the answer.
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

import type { SendHandle } from 'node:child_process';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The handle beneath a `net.Socket`. Sent to another process as such, nobody reads from the connection on the way; a
 * `net.Socket` would begin to read in every process that it passes. Node does not document these members, so
 * `canMoveConnections` tries them before they are relied on.
 */
export interface RawHandle {
  reading: boolean;
  readStop(): unknown;
  close(): void;
}

interface SocketInside {
  _handle: RawHandle | null;
}

/** The handle of a stream that could be given to another process; `undefined` if the stream has none. */
export function rawHandleOf(stream: Duplex): RawHandle | undefined {
  // A stream of TLS has keys that stay in this process.
  if (!(stream instanceof Socket) || stream.destroyed || stream.constructor !== Socket) return undefined;
  const handle = (stream as unknown as SocketInside)._handle;
  return handle !== null && typeof handle.readStop === 'function' ? handle : undefined;
}

/** The kernel keeps what comes from now on, for whoever reads next. */
export function stopReading(handle: RawHandle): void {
  handle.readStop();
  handle.reading = false;
}

/** Takes the handle from its stream, which ends as if the connection had closed. The connection stays open. */
export function takeHandle(stream: Duplex, handle: RawHandle): void {
  (stream as unknown as SocketInside)._handle = null;
  stopReading(handle);
  stream.destroy();
}

/** The connection of a handle that came from another process. Paused: nothing is read until `resume()`. */
export function connectionOf(handle: RawHandle): Socket {
  // The options `handle` and `pauseOnCreate` are those that servers of Node use.
  const options = { handle, pauseOnCreate: true, allowHalfOpen: true, readable: true, writable: true };
  return new Socket(options);
}

/** Whether what came with a message is a raw handle. */
export function isRawHandle(handle: unknown): handle is RawHandle & SendHandle {
  return typeof handle === 'object' && handle !== null && 'readStop' in handle && !(handle instanceof Socket);
}

/** How long the last bytes may take before the connection is cut: unread data of the client makes that a reset. */
const lastBytesMs = 500;

/** Sends last bytes on a connection that no process takes, and ends it. Reads nothing. */
export function endConnection(handle: RawHandle, last: Uint8Array): void {
  const connection = connectionOf(handle);
  connection.on('error', () => undefined);
  connection.end(last);
  setTimeout(() => connection.destroy(), lastBytesMs);
}

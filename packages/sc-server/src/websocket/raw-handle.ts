import type { SendHandle } from 'node:child_process';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The handle beneath a `net.Socket`. If the handle itself is sent to another process, no process on the way reads from
 * the connection; a `net.Socket` would start reading in every process that it passes. Node does not document these
 * members, so `canMoveConnections` tests them before they are used.
 */
export interface RawHandle {
  reading: boolean;
  readStop(): unknown;
  close(): void;
}

interface SocketInside {
  _handle: RawHandle | null;
}

/** The handle of a stream that can be sent to another process; `undefined` if the stream has none. */
export function rawHandleOf(stream: Duplex): RawHandle | undefined {
  // The keys of a TLS stream cannot leave this process.
  if (!(stream instanceof Socket) || stream.destroyed || stream.constructor !== Socket) return undefined;
  const handle = (stream as unknown as SocketInside)._handle;
  return handle !== null && typeof handle.readStop === 'function' ? handle : undefined;
}

/** Stops reading. The kernel buffers incoming data for the next reader. */
export function stopReading(handle: RawHandle): void {
  handle.readStop();
  handle.reading = false;
}

/** Detaches the handle from its stream, which ends as if the connection had closed. The connection stays open. */
export function takeHandle(stream: Duplex, handle: RawHandle): void {
  (stream as unknown as SocketInside)._handle = null;
  stopReading(handle);
  stream.destroy();
}

/**
 * Creates a socket for a handle received from another process. The socket is paused: nothing is read until `resume()`.
 */
export function connectionOf(handle: RawHandle): Socket {
  // Node's own servers use the undocumented options `handle` and `pauseOnCreate`.
  const options = { handle, pauseOnCreate: true, allowHalfOpen: true, readable: true, writable: true };
  return new Socket(options);
}

/** Whether the value received with a message is a raw handle. */
export function isRawHandle(handle: unknown): handle is RawHandle & SendHandle {
  return typeof handle === 'object' && handle !== null && 'readStop' in handle && !(handle instanceof Socket);
}

/**
 * Milliseconds to flush the last bytes before the connection is destroyed. Destroying it with unread client data sends
 * a reset.
 */
const lastBytesMs = 500;

/** Sends the last bytes on a connection that no process takes, and ends it. Reads nothing. */
export function endConnection(handle: RawHandle, last: Uint8Array): void {
  const connection = connectionOf(handle);
  connection.on('error', () => undefined);
  connection.end(last);
  setTimeout(() => connection.destroy(), lastBytesMs);
}

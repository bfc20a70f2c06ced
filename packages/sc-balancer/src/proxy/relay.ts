import type { Socket } from 'node:net';
import { takeChunks } from 'sc-protocol/chunks';
import { chunkBytes } from './reach-target.js';
import type { Turn } from '../turn.js';

export interface RelayRules {
  readonly halfCloseTimeoutMs: number;
  /** When what was read is written. */
  readonly turn: Turn;
}

/**
 * Relays bytes in both directions until both ends are closed, with backpressure and half-close; an error on one end
 * destroys the other. After a half-close, `halfCloseTimeoutMs` without a byte ends the relay. `onClosed` is called
 * once, when both ends are closed. Returns a function for the removal of the target: it ends the client's side after
 * the client has received the target's output.
 */
export function relay(client: Socket, target: Socket, rules: RelayRules, onClosed: () => void): () => void {
  let open = 2;
  const onClose = (): void => {
    if (--open === 0) onClosed();
  };
  client.once('close', onClose);
  target.once('close', onClose);
  carry(client, target, rules);
  carry(target, client, rules);
  return () => {
    const end = (): void => client.destroySoon();
    // Behind the listeners that pass on what has been read.
    if (target.readableEnded || target.destroyed) end();
    else target.once('end', end).once('close', end);
  };
}

/** Hot path: one write for what one turn of the loop has read. TLS gives a chunk for each record. */
function carry(from: Socket, to: Socket, { halfCloseTimeoutMs, turn }: RelayRules): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    const [first] = chunks;
    if (first === undefined) return;
    const joined = chunks.length === 1 ? first : Buffer.concat(chunks, bytes);
    const wasFull = bytes >= chunkBytes;
    chunks = [];
    bytes = 0;
    if (!to.write(joined)) from.pause();
    else if (wasFull) from.resume();
  };
  takeChunks(from, (chunk: Buffer) => {
    if (chunks.push(chunk) === 1) turn.atEnd(flush);
    bytes += chunk.length;
    // A full chunk is written by itself; reading pauses until then.
    if (bytes >= chunkBytes) from.pause();
  });
  to.on('drain', () => from.resume());
  const onEnd = (): void => {
    flush();
    to.end();
    // A peer may not keep a half-closed connection open without using the other half.
    for (const end of [from, to]) end.setTimeout(halfCloseTimeoutMs, () => end.destroy());
  };
  // A TLS client that sends close_notify in the last flight of its handshake has ended before the listener was added.
  if (from.readableEnded) onEnd();
  else from.once('end', onEnd);
  from.once('close', () => {
    // Bytes received before the failure are still delivered.
    flush();
    // A close that is not the last step of two regular ends is a break.
    if (!from.readableEnded || !from.writableFinished) to.destroy();
  });
  // The `close` that follows does what is to be done.
  from.on('error', () => undefined);
}

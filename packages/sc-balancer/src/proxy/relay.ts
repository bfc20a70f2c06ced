import type { Socket } from 'node:net';
import { takeChunks } from 'sc-protocol/chunks';
import { chunkBytes } from './reach-target.js';
import type { Turn } from '../turn.js';

export interface RelayRules {
  readonly halfCloseTimeoutMs: number;
  /** Schedules the writes at the end of the turn of the event loop. */
  readonly turn: Turn;
}

/**
 * Relays bytes in both directions until both ends are closed, with backpressure and half-close; an error on one end
 * destroys the other. After a half-close, `halfCloseTimeoutMs` without a byte ends the relay. `onClosed` is called
 * once, when both ends are closed. Returns a function to call when the target is removed: it closes the client's end
 * after the client has received the target's output.
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
    // These listeners run after the ones that flush the data already read.
    if (target.readableEnded || target.destroyed) end();
    else target.once('end', end).once('close', end);
  };
}

/** Hot path: one write for all chunks read in one turn of the event loop. TLS emits a chunk for each record. */
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
    // A full chunk is written by itself; pause reading until then.
    if (bytes >= chunkBytes) from.pause();
  });
  to.on('drain', () => from.resume());
  const onEnd = (): void => {
    flush();
    to.end();
    // A peer must not hold a half-closed connection open without using the other half.
    for (const end of [from, to]) end.setTimeout(halfCloseTimeoutMs, () => end.destroy());
  };
  // If a TLS client sends close_notify in the last flight of its handshake, `end` fires before this listener is added.
  if (from.readableEnded) onEnd();
  else from.once('end', onEnd);
  from.once('close', () => {
    // Deliver bytes received before the failure.
    flush();
    // If either direction did not end regularly, the connection broke: destroy the other end too.
    if (!from.readableEnded || !from.writableFinished) to.destroy();
  });
  // The `close` event follows and handles the failure.
  from.on('error', () => undefined);
}

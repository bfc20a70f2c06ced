import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { FrameLimits } from '../../../src/websocket/frame-reader.js';

/** An event of the reader: its name, and the details. */
export type Seen = readonly [what: string, ...details: (string | number)[]];

// The types of ws leave it out.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: object) => Writable };

/** Reads the same bytes with the receiver of ws, the reference implementation. */
export async function readWithWs(pieces: readonly Buffer[], limits: FrameLimits): Promise<Seen[]> {
  const seen: Seen[] = [];
  const receiver = new Receiver({
    isServer: true,
    maxPayload: limits.maxPayloadBytes,
    maxFragments: limits.maxFragments,
    maxBufferedChunks: 1_000_000,
  });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    seen.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString('utf8'), data.length]);
  });
  receiver.on('ping', (data: Buffer) => seen.push(['ping', data.toString('hex')]));
  receiver.on('pong', () => seen.push(['pong']));
  const state = { isConcluded: false };
  receiver.on('conclude', (code: number, reason: Buffer) => {
    state.isConcluded = true;
    seen.push(['close', code, reason.toString()]);
  });
  const done = new Promise<void>((resolve) => {
    receiver.on('finish', resolve);
    receiver.on('error', (error: Error) => {
      const [status] = Object.getOwnPropertySymbols(error).filter((symbol) => symbol.description === 'status-code');
      seen.push(['violation', (error as unknown as Record<symbol, number>)[status ?? Symbol()] ?? 0]);
      resolve();
    });
  });
  for (const piece of pieces) if (!state.isConcluded) receiver.write(Buffer.from(piece));
  receiver.end();
  await done;
  return seen;
}

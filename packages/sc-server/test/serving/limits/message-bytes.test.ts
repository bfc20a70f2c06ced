import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

/** A message of exactly this many bytes. */
function message(bytes: number): string {
  const empty = JSON.stringify({ event: 'n', data: '' });
  return JSON.stringify({ event: 'n', data: 'x'.repeat(bytes - empty.length) });
}

describe('the size of a message', () => {
  it(
    'may be maxPayloadBytes; one byte more closes with 1009',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const sizes: number[] = [];
        const gone = new Promise<number>((resolve) => socket.on('disconnect', (code) => resolve(code)));
        socket.on('message', (text) => void sizes.push(text.length));
        raw.send(message(1000));
        raw.send(message(1001));
        expect((await raw.closed).code).toBe(1009);
        expect(sizes).toEqual([1000]);
        expect(await gone).toBe(1009);
        expect(server.scServer.stats().limitHits.messageBytes).toBe(1);
      },
      { maxPayloadBytes: 1000 },
    ),
  );

  it(
    'is 64 KB by default',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const sizes: number[] = [];
      socket.on('message', (text) => void sizes.push(text.length));
      raw.send(message(65_536));
      raw.send(message(65_537));
      expect((await raw.closed).code).toBe(1009);
      expect(sizes).toEqual([65_536]);
    }),
  );
});

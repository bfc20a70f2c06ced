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
    'is 1 MiB by default; the handshake tells clients that announce themselves',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const sizes: number[] = [];
      socket.on('message', (text) => void sizes.push(text.length));
      raw.send(message(1_048_576));
      raw.send(message(1_048_577));
      expect((await raw.closed).code).toBe(1009);
      expect(sizes).toEqual([1_048_576]);
      const announced = await server.open();
      const client = { name: 'test', version: '1' };
      const { data } = await announced.call('#handshake', { authToken: null, client, features: [] });
      expect(data).toMatchObject({ maxPayloadBytes: 1_048_576 });
    }),
  );

  it(
    'beyond the limit is in the log once, with who, how much and which limit',
    withServer(
      async (server) => {
        const authToken = await server.scServer.signAuthToken({ username: 'ada' });
        const { raw, socket } = await server.connect({ authToken });
        raw.send(message(1001));
        await raw.closed;
        const early = await server.open();
        early.send(message(301));
        await early.closed;
        expect(server.log.map(({ level, message: text, details }) => [level, text, details])).toEqual([
          [
            'warn',
            'A client sent a message that is longer than `maxPayloadBytes`, and was closed with 1009',
            { socketId: socket.id, user: 'ada', remoteAddress: '127.0.0.1', size: 1001, limit: 1000 },
          ],
          [
            'warn',
            'A client sent a message that is longer than `maxHandshakeBytes`, and was closed with 1009',
            { socketId: expect.any(String), user: undefined, remoteAddress: '127.0.0.1', size: 301, limit: 300 },
          ],
        ]);
      },
      { maxPayloadBytes: 1000, maxHandshakeBytes: 300 },
    ),
  );
});

import { describe, expect, it } from '@jest/globals';
import { withCleanup, withServer, startServer } from '../support.js';
import { opcodes, tcpClient } from '../tcp-client.js';

/** A handshake of exactly this many bytes. */
function handshake(bytes: number): string {
  const text = (authToken: string) => JSON.stringify({ event: '#handshake', data: { authToken }, cid: 1 });
  return text('x'.repeat(bytes - text('').length));
}

describe('the size of a message before the handshake is done', () => {
  it(
    'may be maxHandshakeBytes; one byte more closes with 1009',
    withServer(
      async (server) => {
        const within = await server.open();
        within.send(handshake(500));
        await within.next(({ rid }) => rid === 1);
        const beyond = await server.open();
        beyond.send(handshake(501));
        expect((await beyond.closed).code).toBe(1009);
        expect(server.scServer.stats().limitHits).toMatchObject({ handshakeBytes: 1, messageBytes: 0 });
      },
      { maxHandshakeBytes: 500 },
    ),
  );

  it(
    'is 10 KB by default, and judged by what the frame announces, not after it has come',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const within = await server.open();
      within.send(handshake(10_240));
      await within.next(({ rid }) => rid === 1);
      const beyond = await tcpClient(cleanup, server.port);
      // The header of a text of 10,241 bytes, and nothing behind it.
      beyond.socket.write(Buffer.from([0x81, 0xfe, 0x28, 0x01, 1, 2, 3, 4]));
      expect(await beyond.closeCode()).toBe(1009);
      expect(server.scServer.stats().limitHits.handshakeBytes).toBe(1);
    }),
  );

  it(
    'grows to maxPayloadBytes with the handshake, also for a message that came right behind it',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxHandshakeBytes: 500 });
      const seen = new Promise<unknown>((resolve) => {
        server.scServer.on('connection', (socket) => socket.on('big', resolve));
      });
      const client = await tcpClient(cleanup, server.port);
      client.sendText(handshake(500));
      client.sendFrame(opcodes.text, '{"event":"big",', false);
      client.sendFrame(opcodes.continuation, `"data":"${'x'.repeat(5_000)}"}`);
      expect(await seen).toBe('x'.repeat(5_000));
    }),
  );
});

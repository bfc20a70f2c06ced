import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startServer, withCleanup, withServer } from '../support.js';
import { tcpClient } from '../tcp-client.js';

describe('the time until the handshake', () => {
  it(
    'may be handshakeTimeout; a socket that has said nothing by then is closed with 4005',
    withServer(
      async (server) => {
        const early = await server.connect();
        const late = await server.open();
        expect(await late.closed).toEqual({ code: 4005, reason: 'Handshake timeout' });
        expect(server.scServer.stats().limitHits.handshakeTimeout).toBe(1);
        // The other had opened before, so its time would have been over too.
        expect(early.socket.state).toBe('open');
      },
      { handshakeTimeout: 2_000 },
    ),
  );

  it(
    'is all that a socket gets which would not say goodbye either: the connection ends with it',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { handshakeTimeout: 100 });
      const streams: Socket[] = [];
      server.httpServer.on('connection', (stream) => void streams.push(stream));
      const client = await tcpClient(cleanup, server.port);
      expect(await client.closeCode()).toBe(4005);
      expect(streams.map(({ writableEnded }) => writableEnded)).toEqual([true]);
    }),
  );

  it(
    'goes on while a token is being verified',
    withServer(
      async (server) => {
        const raw = await server.open();
        raw.sendFrame({ event: '#handshake', cid: 1, data: { authToken: 'x' } });
        expect((await raw.closed).code).toBe(4005);
        expect(server.scServer.stats().limitHits.handshakeTimeout).toBe(1);
      },
      {
        handshakeTimeout: 100,
        authEngine: { signToken: () => 'x', verifyToken: () => new Promise<object>(() => undefined) },
      },
    ),
  );
});

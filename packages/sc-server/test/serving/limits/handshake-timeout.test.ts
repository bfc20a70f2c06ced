import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

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

import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('a response of the client', () => {
  it(
    'that nobody waits for is ignored',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.sendFrame({ rid: 99, data: 1 });
      raw.sendFrame({ rid: 0, error: 'x' });
      expect(await raw.call('#unsubscribe', 'x')).toEqual({ rid: 2 });
    }),
  );

  it(
    'overtakes frames that wait for middleware which asks the client itself',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      server.scServer.addMiddleware('event', async ({ socket: who }) => {
        if ((await who.invoke('allowed?')) !== true) throw new Error('no');
      });
      const answer = raw.call('echo', 1);
      const { cid } = await raw.next(({ event }) => event === 'allowed?');
      raw.sendFrame({ rid: cid, data: true });
      expect((await answer).data).toBe(1);
    }),
  );

  it(
    'closes with 4009 when it comes before the handshake',
    withServer(async ({ open }) => {
      const raw = await open();
      raw.sendFrame({ rid: 1 });
      expect((await raw.closed).code).toBe(4009);
    }),
  );
});

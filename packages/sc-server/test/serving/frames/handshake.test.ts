import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { withServer } from '../support.js';

describe('the frame #handshake', () => {
  it(
    'is answered with id, ping timeout and authentication state',
    withServer(async (server) => {
      const raw = await server.open();
      const answer = await raw.call('#handshake', { authToken: null });
      expect(answer).toEqual({
        rid: 1,
        data: { id: expect.stringMatching(/^[\w-]{20}$/), pingTimeout: 20_000, isAuthenticated: false },
      });
    }),
  );

  it(
    'opens the socket once, after the answer has been queued',
    withServer(async (server) => {
      server.scServer.on('connection', (socket) => socket.emit('welcome', socket.id));
      const raw = await server.open();
      const { id } = await raw.handshake();
      expect(await raw.next(({ event }) => event === 'welcome')).toEqual({ event: 'welcome', data: id });
      expect(raw.frames[0]).toMatchObject({ rid: 1 });
      expect(server.scServer.clientsCount).toBe(1);
    }),
  );

  it(
    'accepts a good token and says so',
    withServer(async (server) => {
      const raw = await server.open();
      const status = await raw.handshake(await server.scServer.signAuthToken({ username: 'alice' }));
      expect(status.isAuthenticated).toBe(true);
      expect('authError' in status).toBe(false);
      expect(server.scServer.clients[status.id]?.authToken).toMatchObject({ username: 'alice' });
    }),
  );

  it(
    'opens unauthenticated with the reason when the token is bad',
    withServer(async (server) => {
      const raw = await server.open();
      const status = await raw.handshake('not a token');
      expect(status).toMatchObject({
        isAuthenticated: false,
        authError: { name: 'AuthTokenInvalidError', message: 'The auth token is not valid: it cannot be read' },
      });
    }),
  );

  it(
    'tells a client that announces itself which features both have, and pings it in protocol v2 only',
    withServer(
      async (server) => {
        const raw = await server.open();
        const { data } = await raw.call('#handshake', {
          authToken: null,
          client: { name: 'sc-client', version: '1.0.0' },
          features: ['batch', 'unheard of'],
        });
        expect(data).toMatchObject({ features: ['batch'] });
        await waitFor(() => raw.messages.includes(''), { what: 'a ping' });
        expect(raw.messages.filter((message) => message === '#1' || message === '1')).toEqual([]);
      },
      { pingInterval: 100, pingTimeout: 5000 },
    ),
  );

  it(
    'is refused a second time; the socket stays as it is',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const second = await raw.call('#handshake', {
        authToken: await server.scServer.signAuthToken({ username: 'mallory' }),
      });
      expect(second.error).toMatchObject({
        name: 'InvalidActionError',
        message: 'The handshake is already complete',
      });
      expect(socket.authToken).toBeNull();
    }),
  );

  it(
    'without a call id closes with 4010',
    withServer(async (server) => {
      const raw = await server.open();
      raw.sendFrame({ event: '#handshake', data: {} });
      expect((await raw.closed).code).toBe(4010);
    }),
  );
});

import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('the frame #authenticate', () => {
  it(
    'makes a good token the socket’s, and tells the application',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const events: unknown[] = [];
      socket.on('authenticate', (token) => void events.push(['authenticate', token['username']]));
      socket.on('authStateChange', ({ oldState, newState }) => void events.push([oldState, newState]));
      expect(await raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'alice' }))).toEqual({
        rid: 2,
        data: { isAuthenticated: true, authError: null },
      });
      await raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'bob' }));
      expect(events).toEqual([
        ['authenticate', 'alice'],
        ['unauthenticated', 'authenticated'],
        ['authenticate', 'bob'],
      ]);
      expect(socket.getAuthToken()).toMatchObject({ username: 'bob' });
    }),
  );

  it(
    'answers a bad token with removeAuthToken and an error; the socket stays open, unauthenticated',
    withServer(async (server) => {
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      const bad: unknown[] = [];
      socket.on('badAuthToken', (error, token) => void bad.push([(error as Error).name, token]));
      server.scServer.on('badSocketAuthToken', (who, error) => void bad.push([who.id, (error as Error).name]));
      const authError = {
        name: 'AuthTokenInvalidError',
        message: 'The auth token is not valid: it cannot be read',
        code: 'SC_AUTH_TOKEN_INVALID',
        reason: 'malformed',
      };
      expect(await raw.call('#authenticate', 'rubbish')).toEqual({
        rid: 2,
        error: { ...authError, isBadToken: true },
        data: { isAuthenticated: false, authError },
      });
      expect(raw.frames.slice(-2)[0]).toEqual({ event: '#removeAuthToken' });
      expect(socket.authToken).toBeNull();
      expect(bad).toEqual([
        ['AuthTokenInvalidError', 'rubbish'],
        [socket.id, 'AuthTokenInvalidError'],
      ]);
    }),
  );

  it(
    'keeps the token the socket has when the new one is not valid yet',
    withServer(async (server) => {
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      const nbf = Math.floor(Date.now() / 1000) + 600;
      const early = await server.scServer.signAuthToken({ username: 'bob', nbf });
      expect(await raw.call('#authenticate', early)).toEqual({
        rid: 2,
        data: {
          isAuthenticated: true,
          authError: {
            name: 'AuthTokenNotBeforeError',
            message: 'The auth token is not valid yet',
            code: 'SC_AUTH_TOKEN_NOT_BEFORE',
            date: nbf,
          },
        },
      });
      expect(socket.authToken).toMatchObject({ username: 'alice' });
    }),
  );

  it(
    'works without a call id',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      raw.emit('#authenticate', await server.scServer.signAuthToken({ username: 'alice' }));
      await raw.call('#unsubscribe', 'x');
      expect(socket.authToken).toMatchObject({ username: 'alice' });
    }),
  );
});

import { describe, expect, it } from '@jest/globals';
import type { AuthToken } from '../../../src/auth/tokens.js';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { withServer } from '../support.js';

describe('the middleware line authenticate', () => {
  it(
    'lets a function of (socket, authToken, next) look at the claims',
    withServer(async (server) => {
      const seen: unknown[] = [];
      server.scServer.addMiddleware(
        server.scServer.MIDDLEWARE_AUTHENTICATE,
        (socket: SCSocket, authToken: AuthToken, next: Next) => {
          seen.push([typeof socket.id, authToken['username']]);
          next();
        },
      );
      const { socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      expect(seen).toEqual([['string', 'alice']]);
      expect(socket.authToken?.['username']).toBe('alice');
    }),
  );

  it(
    'refuses a token in the handshake: the socket opens unauthenticated',
    withServer(async (server) => {
      server.scServer.addMiddleware('authenticate', async ({ authToken, signedAuthToken }) => {
        await Promise.resolve();
        if (authToken['username'] === 'mallory') throw new Error(`Revoked: ${signedAuthToken.length > 20}`);
      });
      const raw = await server.open();
      const status = await raw.handshake(await server.scServer.signAuthToken({ username: 'mallory' }));
      expect(status).toEqual({
        id: status.id,
        isAuthenticated: false,
        pingTimeout: 20_000,
        authError: { name: 'Error', message: 'Revoked: true', code: 'SC_BLOCKED', line: 'authenticate' },
      });
    }),
  );

  it(
    'refuses a token later on: the socket keeps the one it had',
    withServer(async (server) => {
      server.scServer.addMiddleware('authenticate', (req, next) => {
        next(req.authToken['username'] === 'mallory' ? 'Not you' : undefined);
      });
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice' }),
      });
      const signed = await server.scServer.signAuthToken({ username: 'mallory' });
      const authError = {
        name: 'MiddlewareBlockedError',
        message: 'Not you',
        code: 'SC_BLOCKED',
        line: 'authenticate',
      };
      expect(await raw.call('#authenticate', signed)).toEqual({
        rid: 2,
        error: { ...authError, isBadToken: false },
        data: { isAuthenticated: true, authError },
      });
      expect(socket.authToken?.['username']).toBe('alice');
    }),
  );

  it(
    'does not run for tokens that the server sets',
    withServer(async (server) => {
      let runs = 0;
      server.scServer.addMiddleware('authenticate', () => void (runs += 1));
      const { raw, socket } = await server.connect();
      const isSet = socket.setAuthToken({ username: 'alice' });
      const { cid } = await raw.next(({ event }) => event === '#setAuthToken');
      raw.sendFrame({ rid: cid });
      await isSet;
      expect(runs).toBe(0);
    }),
  );
});

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { withServer, type TestServer } from '../support.js';

/** Answers every request with the name of its user, `null` for none, or the code of the error. */
function answerWithUser({ scServer }: TestServer): void {
  // In place of the answer of a server without routes.
  scServer.httpServer.removeAllListeners('request').on('request', (request: IncomingMessage, response) => {
    void scServer.authenticateRequest(request).then(
      (token) => response.end(JSON.stringify(token?.['username'] ?? null)),
      (error: unknown) => response.end(JSON.stringify((error as { code: string }).code)),
    );
  });
}

const ask = async ({ port }: TestServer, headers: Record<string, string>, method = 'GET'): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${port}/me`, { method, headers })).json();

describe('the auth token of an HTTP request', () => {
  it(
    'is that of its Authorization header',
    withServer(async (server) => {
      answerWithUser(server);
      const token = await server.scServer.signAuthToken({ username: 'ada' });
      expect(await ask(server, { authorization: `Bearer ${token}` })).toBe('ada');
      expect(await ask(server, { authorization: `bearer  ${token}` }, 'POST')).toBe('ada');
      expect(await ask(server, { authorization: `Basic ${token}` })).toBeNull();
      expect(await ask(server, { authorization: 'Bearer' })).toBeNull();
      expect(await ask(server, { authorization: `Bearer ${token}x` })).toBe('SC_AUTH_TOKEN_INVALID');
      expect(await ask(server, {})).toBeNull();
      expect(await ask(server, { cookie: `socketcluster.authToken=${token}` })).toBeNull();
    }),
  );

  it(
    'is that of the cookie, for pages of the server and when authCookie is on',
    withServer(
      async (server) => {
        answerWithUser(server);
        const cookie = `a=b; socketcluster.authToken=${await server.scServer.signAuthToken({ username: 'ada' })}`;
        const own = `http://127.0.0.1:${server.port}`;
        expect(await ask(server, { cookie })).toBe('ada');
        expect(await ask(server, { cookie, origin: own }, 'POST')).toBe('ada');
        expect(await ask(server, { cookie, origin: 'https://app.example.com' }, 'POST')).toBe('ada');
        // Requests that another site has the visitor's browser make.
        expect(await ask(server, { cookie }, 'POST')).toBeNull();
        expect(await ask(server, { cookie, origin: 'https://evil.example' }, 'POST')).toBeNull();
        expect(await ask(server, { cookie, origin: 'https://evil.example' })).toBeNull();
        // The header comes first, and a wrong one is not replaced by the cookie.
        expect(await ask(server, { cookie, authorization: 'Bearer a.b.c' })).toBe('SC_AUTH_TOKEN_INVALID');
      },
      { authCookie: true, origins: ['https://app.example.com'] },
    ),
  );
});

import { describe, expect, it } from '@jest/globals';
import { SCServer } from '../../../src/server/sc-server.js';
import { startServer, withCleanup, withServer, type TestServer } from '../support.js';

async function statusOf(server: TestServer, headers: Record<string, string>, authToken?: string): Promise<unknown> {
  const raw = await server.open({ headers });
  return (await raw.handshake(authToken)).isAuthenticated;
}

describe('an auth token in a cookie', () => {
  it(
    'is that of a page which sends none in its handshake, when authCookie is on',
    withServer(
      async (server) => {
        const token = await server.scServer.signAuthToken({ username: 'ada' });
        const Origin = `http://127.0.0.1:${server.port}`;
        const raw = await server.open({ headers: { Origin, Cookie: `a=b; socketcluster.authToken=${token}; c=d` } });
        const { id } = await raw.handshake();
        expect(server.scServer.clients[id]?.authToken).toMatchObject({ username: 'ada' });
        // The handshake's own token comes first.
        const own = await server.open({ headers: { Origin, Cookie: `socketcluster.authToken=${token}` } });
        const status = await own.handshake(await server.scServer.signAuthToken({ username: 'bob' }));
        expect(server.scServer.clients[status.id]?.authToken).toMatchObject({ username: 'bob' });
        expect(await statusOf(server, { Origin })).toBe(false);
      },
      { authCookie: true },
    ),
  );

  it(
    'is refused like any other when it is worth nothing; the socket stays open',
    withServer(
      async (server) => {
        const Origin = `http://127.0.0.1:${server.port}`;
        const raw = await server.open({ headers: { Origin, Cookie: 'socketcluster.authToken=a.b.c' } });
        expect(await raw.handshake()).toMatchObject({
          isAuthenticated: false,
          authError: { name: 'AuthTokenInvalidError' },
        });
      },
      { authCookie: true },
    ),
  );

  it(
    'counts neither without an origin nor without the option',
    withCleanup(async (cleanup) => {
      const [on, off] = [await startServer(cleanup, { authCookie: true }), await startServer(cleanup)];
      const Cookie = `socketcluster.authToken=${await on.scServer.signAuthToken({ username: 'ada' })}`;
      expect(await statusOf(on, { Cookie })).toBe(false);
      expect(await statusOf(off, { Cookie, Origin: `http://127.0.0.1:${off.port}` })).toBe(false);
    }),
  );

  it.each(['https://*', ['http://*:*', 'https://*:*'], 'https://a.example *:443', 'https://*.com', 'null'])(
    'is refused as an option while origins is %j',
    async (origins) => {
      await expect(SCServer.listen(0, { authCookie: true, origins })).rejects.toThrow(
        '`authCookie` must not be on while `origins` lists pages of any site',
      );
    },
  );

  it('may have another name, and does not go with pages of every origin', async () => {
    await expect(SCServer.listen(0, { authCookie: true, origins: '*' })).rejects.toThrow(
      '`authCookie` must not be on while `origins` lists pages of any site ("*"), got true',
    );
    await withServer(
      async (server) => {
        const Cookie = `login=${await server.scServer.signAuthToken({ username: 'ada' })}`;
        expect(await statusOf(server, { Cookie, Origin: `http://127.0.0.1:${server.port}` })).toBe(true);
      },
      { authCookie: true, authCookieName: 'login' },
    )();
  });
});

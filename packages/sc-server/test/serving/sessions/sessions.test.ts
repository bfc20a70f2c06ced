import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NdataClusterClient, NdataServer } from 'ndata-store';
import { tempDir, waitFor } from 'sc-testkit';
import { publications, settled, startServer, withCleanup, withServer } from '../support.js';
import { cookieOf, get, upgradeHeaders } from '../visitor.js';

describe('a session', () => {
  it(
    'is set by an HTTP answer, with a signed, HttpOnly, SameSite cookie, and found again by requests and sockets',
    withServer(
      async (server) => {
        const ids: unknown[] = [];
        server.httpServer.on('req', (request: IncomingMessage) => void ids.push(request.session?.id));
        const first = await get(server.port);
        expect(first.setCookie).toMatch(/^sc\.session=[\w-]{24}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
        const again = await get(server.port, cookieOf(first));
        expect(again.setCookie).toBeUndefined();
        const { socket } = await server.connect({ headers: cookieOf(first) });
        const other = await server.connect({ headers: cookieOf(first) });
        expect([...ids, socket.session?.id, other.socket.session?.id]).toEqual(Array.from({ length: 4 }, () => ids[0]));
        expect(socket.session?.sockets().map(({ id }) => id)).toEqual([socket.id, other.socket.id]);
      },
      { sessions: true },
    ),
  );

  it(
    'is set by an upgrade too',
    withServer(
      async (server) => {
        const answer = await get(server.port, upgradeHeaders, '/socketcluster/');
        expect([answer.status, answer.setCookie?.startsWith('sc.session=')]).toEqual([101, true]);
        expect((await get(server.port, { ...upgradeHeaders, ...cookieOf(answer) }, '/socketcluster/')).setCookie).toBe(
          undefined,
        );
      },
      { sessions: true },
    ),
  );

  it.each([
    ['made up', (cookie: string) => cookie.replace(/=.{24}/, `=${'A'.repeat(24)}`)],
    ['changed', (cookie: string) => cookie.slice(0, -2) + (cookie.endsWith('AA') ? 'BB' : 'AA')],
    ['unsigned', (cookie: string) => cookie.split('.').slice(0, 2).join('.')],
    ['a path', () => 'sc.session=../../x.y'],
    ['__proto__', () => 'sc.session=__proto__.x; __proto__=1; =; ;;'],
  ])('is a new one when the cookie is %s', async (_what, change) => {
    await withServer(
      async (server) => {
        const first = await get(server.port);
        const { setCookie } = await get(server.port, { Cookie: change(cookieOf(first).Cookie) });
        expect(setCookie?.startsWith('sc.session=')).toBe(true);
        expect(setCookie).not.toBe(first.setCookie);
      },
      { sessions: true },
    )();
  });

  it(
    'holds data by promise too, apart from that of other sessions',
    withServer(
      async (server) => {
        const [one, other] = [(await server.connect()).socket.session, (await server.connect()).socket.session];
        if (one === undefined || other === undefined) throw new Error('sessions are on');
        await one.set(['cart', 'apples'], 2);
        expect(await one.increment(['cart', 'apples'], 3)).toBe(5);
        await one.add('seen', '/home');
        expect(await one.getAll()).toEqual({ cart: { apples: 5 }, seen: ['/home'] });
        expect([await one.hasKey('cart'), await one.count('seen'), await other.getAll()]).toEqual([true, 1, undefined]);
        await one.remove('seen');
        expect(await one.get('seen')).toBeUndefined();
        await one.destroy();
        expect(await one.getAll()).toBeUndefined();
      },
      { sessions: true },
    ),
  );

  it(
    'is forgotten when nobody has used it for sessionTimeout, and kept while it has sockets',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { sessions: true, sessionTimeout: 1000 });
      const ended: string[] = [];
      server.scServer.on('sessionEnd', (id) => void ended.push(id));
      const gone = await server.connect();
      const staying = await server.connect();
      for (const { socket } of [gone, staying]) await socket.session?.set('a', 1);
      const key = `sc.session:${gone.socket.session?.id ?? ''}`;
      await gone.raw.close();
      await waitFor(() => ended.length === 1, { what: 'the end of the session' });
      expect(ended).toEqual([gone.socket.session?.id]);
      const { exchange } = server.scServer;
      await waitFor(async () => (await exchange.get([key])) === undefined, { what: 'the data to expire' });
      // Outlives a session that is not renewed, by the same clock.
      await exchange.set(['witness'], 1, { ttlMs: 1500 });
      await waitFor(async () => (await exchange.get(['witness'])) === undefined, { what: 'the witness to expire' });
      expect(await staying.socket.session?.get('a')).toBe(1);
    }),
  );

  it(
    'reaches all of its visitor’s sockets, on every worker',
    withCleanup(async (cleanup) => {
      const directory = cleanup.add(tempDir(), (one) => one.remove());
      const socketPath = join(directory.path, 's');
      const storeServer = cleanup.add(new NdataServer({ socketPath }), (one) => one.close());
      await storeServer.listen();
      const start = () => {
        const store = cleanup.add(new NdataClusterClient({ shards: [{ socketPath }] }), (one) => one.close());
        return startServer(cleanup, { sessions: true, store });
      };
      const [first, second] = [await start(), await start()];
      const headers = cookieOf(await get(first.port));
      const own = await first.connect({ headers });
      const far = await second.connect({ headers });
      const stranger = await second.connect();
      for (const { raw } of [own, far, stranger]) await raw.call('#subscribe', 'x');
      await own.socket.session?.set('a', 1);
      expect(await far.socket.session?.get('a')).toBe(1);
      await own.socket.session?.emit('hello', 1);
      await own.socket.session?.transmit('only others', 2);
      await far.raw.next(({ event }) => event === 'only others');
      await own.socket.session?.kickOut('x', 'Enough');
      await far.raw.next(({ event }) => event === '#kickOut');
      await first.scServer.exchange.publish('x', 3);
      await stranger.raw.next(({ event }) => event === '#publish');
      for (const { raw } of [own, far, stranger]) await settled(raw);
      const events = ({ raw }: typeof own) => raw.frames.flatMap(({ event }) => (event === undefined ? [] : [event]));
      expect([events(own), events(far), events(stranger)]).toEqual([
        ['hello', '#kickOut'],
        ['hello', 'only others', '#kickOut'],
        ['#publish'],
      ]);
      expect(publications(far.raw)).toEqual([]);
    }),
  );

  it(
    'is not there unless asked for',
    withServer(async (server) => {
      let session: unknown = 'not seen';
      server.httpServer.on('request', (request) => void (session = request.session));
      expect((await get(server.port)).setCookie).toBeUndefined();
      expect(session).toBeUndefined();
      expect((await server.connect()).socket.session).toBeUndefined();
    }),
  );
});

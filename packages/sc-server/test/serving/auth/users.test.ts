import { describe, expect, it } from '@jest/globals';
import { NdataServer, NdataClusterClient } from 'ndata-store';
import { createCleanup, tempDir } from 'sc-testkit';
import { join } from 'node:path';
import { settled, startServer, withCleanup, withServer } from '../support.js';

describe('all sockets of a user', () => {
  it(
    'can be disconnected, deauthenticated and kicked out, on every worker',
    withCleanup(async (cleanup) => {
      const directory = cleanup.add(tempDir(), (one) => one.remove());
      const socketPath = join(directory.path, 's');
      const store = cleanup.add(new NdataServer({ socketPath }), (one) => one.close());
      await store.listen();
      const workers = await Promise.all(
        [1, 2].map(async () => {
          const client = cleanup.add(new NdataClusterClient({ shards: [{ socketPath }] }), (one) => one.close());
          return startServer(cleanup, { store: client });
        }),
      );
      const [first, second] = workers;
      if (first === undefined || second === undefined) throw new Error('Two workers');
      const authToken = await first.scServer.signAuthToken({ username: 'alice' });
      const alices = [await first.connect({ authToken }), await second.connect({ authToken })];
      const bob = await second.connect({ authToken: await first.scServer.signAuthToken({ username: 'bob' }) });
      for (const { raw } of [...alices, bob]) await raw.call('#subscribe', ['x', 'y']);
      await first.scServer.kickOutUser('alice', 'x', 'Enough');
      for (const { raw } of alices) {
        expect(await raw.next(({ event }) => event === '#kickOut')).toEqual({
          event: '#kickOut',
          data: { channel: 'x', message: 'Enough' },
        });
      }
      await second.scServer.deauthenticateUser('alice');
      for (const { raw } of alices) await raw.next(({ event }) => event === '#removeAuthToken');
      await second.scServer.disconnectUser('alice');
      await first.scServer.disconnectUser('bob', 4321, 'Bye');
      expect(await bob.raw.closed).toEqual({ code: 4321, reason: 'Bye' });
      // The user has no sockets left, because the tokens were removed.
      for (const { raw, socket } of alices) {
        await settled(raw);
        expect([socket.state, socket.authToken, socket.subscriptions()]).toEqual(['open', null, ['y']]);
      }
    }),
  );

  it.each([
    ['subscribe', '#sc.users'],
    ['publish', { channel: '#sc.users', data: { type: 'disconnect', user: 'alice', code: 1000 } }],
  ])('cannot be reached by clients that %s', async (action, data) => {
    const cleanup = createCleanup();
    try {
      const server = await startServer(cleanup);
      const alice = await server.connect({ authToken: await server.scServer.signAuthToken({ username: 'alice' }) });
      const mallory = await server.connect();
      expect((await mallory.raw.call(`#${action}`, data)).error).toMatchObject({ name: 'InvalidActionError' });
      await settled(alice.raw);
      expect(alice.socket.state).toBe('open');
      expect(server.scServer.exchange.subscriptions(true)).toEqual([]);
    } finally {
      await cleanup.run();
    }
  });

  it(
    'are found by another claim when userClaim says so',
    withServer(
      async (server) => {
        const { raw } = await server.connect({ authToken: await server.scServer.signAuthToken({ sub: 7 }) });
        await server.scServer.disconnectUser('7', 4500);
        expect((await raw.closed).code).toBe(4500);
      },
      { userClaim: 'sub' },
    ),
  );
});

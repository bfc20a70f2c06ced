import { describe, expect, it } from '@jest/globals';
import { TokenExpiry, type Expiring } from '../../../src/auth/token-expiry.js';
import { waitFor } from 'sc-testkit';
import { publications, settled, withServer } from '../support.js';

describe('a token that runs out', () => {
  it(
    'takes the private channels with it, though the client does nothing',
    withServer(async (server) => {
      server.scServer.addMiddleware('subscribe', ({ socket, channel }) => {
        if (channel === 'private' && socket.authToken === null) throw new Error('Denied');
      });
      const exp = Math.ceil(Date.now() / 1000) + 2;
      const { raw, socket } = await server.connect({
        authToken: await server.scServer.signAuthToken({ username: 'alice', exp }),
      });
      const events: unknown[] = [];
      socket.on('deauthenticate', (old) => void events.push(old['username']));
      await raw.call('#subscribe', ['private', 'public']);
      await raw.next(({ event }) => event === '#kickOut');
      expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
      expect(raw.frames.some(({ event }) => event === '#removeAuthToken')).toBe(true);
      await server.scServer.exchange.publish('private', 'secret');
      await server.scServer.exchange.publish('public', 'news');
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'public', data: 'news' }]);
      expect([socket.authToken, events]).toEqual([null, ['alice']]);
    }),
  );

  it('is looked at in the second it ends, once, however the clock runs', async () => {
    let now = 1_000_000;
    const watch = new TokenExpiry(() => now);
    const ended: string[] = [];
    const expiring = (name: string, expiry: number): Expiring => {
      const one = {
        expiry,
        expireIfDue() {
          if (now < expiry * 1000) return;
          ended.push(name);
          watch.forget(one);
        },
      };
      return one;
    };
    const gone = expiring('gone', 1_001);
    for (const one of [expiring('b', 1_002), expiring('a', 1_000.5), gone, expiring('c', 9_000)]) watch.watch(one);
    watch.forget(gone);
    now = 1_001_000;
    await waitFor(() => ended.length === 1, { what: 'the first' });
    now = 1_002_500;
    await waitFor(() => ended.length === 2, { what: 'the second' });
    now = 99_999_000_000;
    await waitFor(() => ended.length === 3, { what: 'the last, after a jump' });
    expect(ended).toEqual(['a', 'b', 'c']);
    watch.stop();
  });
});

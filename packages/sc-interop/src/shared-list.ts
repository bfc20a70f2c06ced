import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { ClientProcess } from './client-process.js';
import { startServer, type TestServer } from './server.js';
import type { ClientFacts } from './versions.js';

/** Channels with and without history: clients of all generations must see no difference. */
const rooms = ['room', 'kept/room'];
const channels = { 'kept/{room}': { history: { size: 100, ageMs: 60_000 } }, 'price/*': { last: true } };

export const unicode = 'héllo ☃ 😀 ‮ \u2028';

/** The features that must work for every published client with this server, each in its own test. */
export function describeSharedList(facts: ClientFacts): void {
  describe(`socketcluster-client ${facts.version}`, () => {
    let server: TestServer;
    let client: ClientProcess;

    beforeAll(async () => {
      server = await startServer({ legacyDialects: ['b6'], channels });
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      client = new ClientProcess(facts.version);
      await client.connect(server.port);
    });
    afterEach(() => {
      const uncaught = client.events.filter(({ event }) => event === 'uncaught');
      client.stop();
      expect(uncaught).toEqual([]);
    });

    it('connects and gets its status', async () => {
      const { args } = await client.next('connect');
      expect(args[0]).toMatchObject({ id: expect.any(String), isAuthenticated: false, pingTimeout: 1500 });
      expect(await client.call('state')).toBe('open');
    });

    it('gets acks, with data of any kind', async () => {
      for (const data of [unicode, { a: [1, null, true], b: { c: 1.5 } }, 0, false, [[]]])
        expect(await client.invoke('echo', data)).toEqual(data);
    });

    it('gets an error for a call that is refused, and never a stack', async () => {
      const error = await client.failure('invoke', 'reject', 'no way');
      expect(error).toMatchObject({ name: 'Error', message: 'Rejected: no way' });
      expect(JSON.stringify(error)).not.toContain('.js:');
    });

    it('gives up a call that is not answered', async () => {
      expect(await client.failure('invoke', 'mute')).toMatchObject({ message: expect.stringContaining('timed out') });
      expect(await client.invoke('echo', 'still here')).toBe('still here');
    });

    it('answers calls of the server, with data and with errors', async () => {
      await client.call('answer', 'question', 42);
      expect(await client.invoke('ask', 'why')).toEqual({ data: 'why', answer: 42 });
      const other = new ClientProcess(facts.version);
      try {
        await other.connect(server.port);
        await other.call('refuse', 'question', 'Not now');
        expect(await other.failure('invoke', 'ask', 'why')).toMatchObject({ message: 'Not now' });
      } finally {
        other.stop();
      }
    });

    it('gets events, and sends them without an ack', async () => {
      await client.call('listen', 'noted');
      await client.call('emit', 'note', { text: unicode });
      await client.next('event', ['noted', { text: unicode }]);
    });

    it.each(rooms)('subscribes, hears the server and itself, and unsubscribes (%s)', async (room) => {
      await client.call('subscribe', room);
      await client.next('subscribe', [room]);
      await client.invoke('broadcast', { channel: room, data: { text: unicode } });
      await client.next('publication', [room, { text: unicode }]);
      await client.call('publish', room, [1, 2]);
      await client.next('publication', [room, [1, 2]]);
      await client.call('unsubscribe', room);
      await client.next('unsubscribe', [room]);
      await client.invoke('broadcast', { channel: room, data: 'late' });
      await client.invoke('echo', 'a round trip');
      expect(client.count('publication', room, 'late')).toBe(0);
      expect(await client.call('subscriptions')).toEqual([]);
    });

    it('learns why a subscription or a publish is refused', async () => {
      await client.call('subscribe', 'denied/a');
      const { args } = await client.next('subscribeFail', ['denied/a']);
      expect(args[1]).toMatchObject({ message: 'Denied: denied/a' });
      expect(await client.failure('publish', 'readonly/a', 1)).toMatchObject({ message: 'Denied: readonly/a' });
    });

    it.each(rooms)('is kicked out of a channel and stays out (%s)', async (room) => {
      await client.call('subscribe', room);
      await client.next('subscribe', [room]);
      await client.invoke('kick', { channel: room, message: 'Enough' });
      await client.next('kickOut', [room, 'Enough']);
      await client.invoke('broadcast', { channel: room, data: 'late' });
      await client.invoke('echo', 'a round trip');
      expect(client.count('publication', room, 'late')).toBe(0);
    });

    it('keeps a token over a reconnect and loses it when it is removed', async () => {
      expect(await client.invoke('whoami')).toBeNull();
      await client.invoke('login', { username: 'ada' });
      await client.next('authenticate');
      expect(await client.invoke('whoami')).toBe('ada');
      await client.call('subscribe', 'private/a');
      await client.next('subscribe', ['private/a']);

      const before = client.events.length;
      await client.call('emit', 'bye', { code: 4001, reason: 'again' });
      const { args } = await client.next('connect', [], { from: before });
      expect(args[0]).toMatchObject({ isAuthenticated: true });
      expect(await client.invoke('whoami')).toBe('ada');

      await client.invoke('logout');
      await client.next('deauthenticate');
      expect(await client.invoke('whoami')).toBeNull();
    });

    it('loses a token that has expired', async () => {
      await client.invoke('login', { username: 'ada', expiresIn: 2 });
      expect(await client.invoke('whoami')).toBe('ada');
      await client.next('deauthenticate', [], { deadlineMs: 15_000 });
      expect(await client.invoke('whoami')).toBeNull();
    });

    it('stays while idle, and sees no ping but its own more than once', async () => {
      await waitFor(() => client.count('message', facts.ping) >= 8, {
        what: () => `8 pings; saw ${JSON.stringify(client.events)}`,
      });
      expect(client.count('disconnect')).toBe(0);
      const unknown = ['', '#1', '1'].filter((ping) => ping !== facts.ping);
      for (const ping of unknown) expect([ping, client.count('message', ping) <= 1]).toEqual([ping, true]);
      expect(await client.call('state')).toBe('open');
    });

    it.each(rooms)('comes back after the server was killed, and subscribes again (%s)', async (room) => {
      await client.call('subscribe', room);
      await client.next('subscribe', [room]);
      const before = client.events.length;
      if (facts.noticesCuts) await server.restart();
      else await client.call('emit', 'bye', { code: 4001, reason: 'again' });
      await client.next('subscribe', [room], { from: before });
      await client.invoke('broadcast', { channel: room, data: 'after' });
      await client.next('publication', [room, 'after'], { from: before });
    });

    it('gets the last value of a channel that keeps it, and each publication once', async () => {
      await client.invoke('broadcast', { channel: 'price/a', data: 1 });
      await client.invoke('broadcast', { channel: 'price/a', data: 2 });
      await client.call('subscribe', 'price/a');
      await client.next('publication', ['price/a', 2]);
      await client.invoke('broadcast', { channel: 'price/a', data: 3 });
      await client.next('publication', ['price/a', 3]);
      await client.invoke('echo', 'a round trip');
      const got = client.events.filter(({ event, args }) => event === 'publication' && args[0] === 'price/a');
      expect(got.map(({ args }) => args[1])).toEqual([2, 3]);
    });

    it('sends and gets a megabyte', async () => {
      const data = 'x'.repeat(1_000_000);
      expect(await client.invoke('echo', data)).toBe(data);
    });

    it('stays away after 1000, and after a final code when it knows of them', async () => {
      for (const code of facts.knowsFinalCodes ? [1000, 4500] : [1000]) {
        const one = new ClientProcess(facts.version);
        try {
          await one.connect(server.port);
          await one.call('emit', 'bye', { code, reason: 'done' });
          await one.next('disconnect', [code]);
          // A client that reconnects would be connected before this response.
          await client.invoke('slow', 400);
          expect(await one.call('state')).toBe('closed');
          expect(one.count('connect')).toBe(1);
        } finally {
          one.stop();
        }
      }
    });

    it('comes back after other codes, before and after the server knows its dialect', async () => {
      for (const isSettled of [false, true]) {
        const before = client.events.length;
        if (isSettled) await client.next('message', [facts.ping], { from: before });
        const code = facts.comesBackAfter;
        await client.call('emit', 'bye', { code, reason: 'again' });
        await client.next('disconnect', [code], { from: before });
        await client.next('connect', [], { from: before });
      }
    });

    it('ends the socket by itself', async () => {
      await client.call('disconnect', 1000, 'bye');
      await client.next('disconnect', [1000]);
      const watcher = new ClientProcess('20.0.2');
      try {
        await watcher.connect(server.port);
        await waitFor(async () => ((await watcher.invoke('stats')) as { clients: number }).clients === 1, {
          what: 'the server to have seen the client go',
        });
      } finally {
        watcher.stop();
      }
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { presence, type Presence } from 'sc-client/presence';
import { waitFor, type Cleanup } from 'sc-testkit';
import { startServer, withCleanup, type TestServer } from '../support.js';

const channels = { '*': { presence: { graceMs: 600 } } };
const deadlineMs = 30_000;

interface Person {
  readonly people: Presence;
  readonly socket: ReturnType<typeof connect>;
  readonly events: string[];
}

async function enter(cleanup: Cleanup, server: TestServer, user: string | undefined, info?: unknown): Promise<Person> {
  const socket = cleanup.add(connect({ url: server.url, authEngine: null }), (one) => one.destroy());
  if (user !== undefined) await socket.authenticate(await server.scServer.signAuthToken({ username: user }));
  const events: string[] = [];
  const people = presence(socket.channel('room'), { info });
  people.on('change', ({ joins, leaves, updates }) => {
    for (const one of joins) events.push(`+${one.user}`);
    for (const one of leaves) events.push(`-${one.user}`);
    for (const one of updates) events.push(`~${one.user}`);
  });
  await waitFor(() => people.list().some((one) => one.user === (user ?? socket.id)), { what: 'own name', deadlineMs });
  return { people, socket, events };
}

const named = (user: string) => (events: readonly string[]) => events.filter((event) => event.slice(1) === user);

describe('presence', () => {
  it(
    'lists who is there, and sees infos change and users leave at once that unsubscribe',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels });
      const ada = await enter(cleanup, server, 'ada', { mood: 'awake' });
      const bob = await enter(cleanup, server, 'bob');
      await waitFor(() => ada.people.count === 2, { what: 'both', deadlineMs });
      await ada.people.update({ mood: 'busy' });
      await waitFor(() => bob.events.includes('~ada'), { what: 'the update', deadlineMs });
      expect(bob.people.list().find(({ user }) => user === 'ada')?.info).toEqual({ mood: 'busy' });
      expect(await server.scServer.exchange.memberCount('room')).toBe(2);
      bob.people.stop();
      await waitFor(() => ada.events.includes('-bob'), { what: 'the leave', deadlineMs });
      expect(ada.people.list()).toEqual([{ user: 'ada', info: { mood: 'busy' } }]);
    }),
    deadlineMs * 2,
  );

  it(
    'ends with the subscription when the socket is kicked out while it asks for the members',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels });
      server.scServer.on('connection', (one) => {
        one.once('subscribe', (channel) => one.kickOut(channel, 'Not now'));
      });
      const socket = cleanup.add(connect({ url: server.url, authEngine: null }), (one) => one.destroy());
      const kicked = new Promise((resolve) => socket.once('kickOut', resolve));
      const people = presence(socket.channel('room'), { onError: () => undefined });
      await kicked;
      const [there] = Object.values(server.scServer.clients);
      await waitFor(
        async () => there?.subscriptions().length === 0 && (await server.scServer.exchange.memberCount('room')) === 0,
        { what: 'the server to agree', deadlineMs },
      );
      // The answer to an earlier request has come by now.
      await socket.authenticate(await server.scServer.signAuthToken({ username: 'ada' }));
      await waitFor(() => there?.subscriptions().length === 0, { what: 'the server to agree', deadlineMs });
      expect([socket.subscriptions(true), people.list(), people.count]).toEqual([[], [], 0]);
    }),
    deadlineMs * 2,
  );

  it(
    'counts a user with two tabs once, and sees it leave with the last, after the grace',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels });
      const watcher = await enter(cleanup, server, 'watcher');
      const one = await enter(cleanup, server, 'ada');
      const two = await enter(cleanup, server, 'ada');
      await waitFor(() => watcher.events.includes('+ada'), { what: 'the join', deadlineMs });
      expect((await server.scServer.exchange.members('room')).find(({ user }) => user === 'ada')?.sockets).toBe(2);
      one.socket.disconnect(4000);
      await waitFor(
        async () => (await server.scServer.exchange.members('room')).some((m) => m.user === 'ada' && m.sockets === 1),
        { what: 'one tab', deadlineMs },
      );
      two.socket.disconnect(4000);
      await waitFor(() => watcher.events.includes('-ada'), { what: 'the leave', deadlineMs });
      expect(named('ada')(watcher.events)).toEqual(['+ada', '-ada']);
    }),
    deadlineMs * 2,
  );

  it(
    'raises no event for a client that comes back within the grace',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels: { '*': { presence: { graceMs: 20_000 } } } });
      const watcher = await enter(cleanup, server, 'watcher');
      const ada = await enter(cleanup, server, 'ada');
      await waitFor(() => watcher.events.includes('+ada'), { what: 'the join', deadlineMs });
      const before = ada.socket.id;
      ada.socket.reconnect(4000);
      await waitFor(() => ada.socket.id !== null && ada.socket.id !== before, {
        what: 'the next connection',
        deadlineMs,
      });
      await enter(cleanup, server, 'eve');
      await waitFor(() => watcher.events.includes('+eve'), { what: 'a later event', deadlineMs });
      expect(named('ada')(watcher.events)).toEqual(['+ada']);
      // Its own list stays as it was while the connection is lost.
      await waitFor(() => ada.events.includes('+eve'), { what: 'a later event at the returned client', deadlineMs });
      expect(ada.events.filter((event) => event.startsWith('-'))).toEqual([]);
    }),
    deadlineMs * 2,
  );

  it(
    'sees users leave at once that log out or are kicked out, and lets the line "subscribe" decide who they are',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels: { '*': { presence: { graceMs: 60_000 } } } });
      server.scServer.addMiddleware('subscribe', (context) => {
        if (context.join === true) context.info = { name: context.socket.authToken?.['username'] };
      });
      const watcher = await enter(cleanup, server, 'watcher');
      const ada = await enter(cleanup, server, 'ada', { name: 'root' });
      await enter(cleanup, server, 'bob');
      await waitFor(() => watcher.people.count === 3, { what: 'all', deadlineMs });
      expect(watcher.people.list().find(({ user }) => user === 'ada')?.info).toEqual({ name: 'ada' });
      await ada.socket.deauthenticate();
      await waitFor(() => watcher.events.includes('-ada'), { what: 'the logout', deadlineMs });
      await server.scServer.kickOutUser('bob', 'room');
      await waitFor(() => watcher.events.includes('-bob'), { what: 'the kick-out', deadlineMs });
    }),
    deadlineMs * 2,
  );

  it(
    'tells clients only what they ask for, and refuses an info that is too large',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { channels });
      const raw = await server.open();
      await raw.call('#handshake', { client: { name: 'test', version: '1' }, features: ['presence'] });
      expect(await raw.call('#subscribe', { channel: 'room', members: 'count' })).toMatchObject({
        data: { members: { count: 0 } },
      });
      const large = { channel: 'other', join: { info: 'x'.repeat(2000) } };
      expect(await raw.call('#subscribe', large)).toMatchObject({ error: { code: 'SC_PAYLOAD_TOO_LARGE' } });
      const old = await server.open();
      await old.handshake();
      const ack = await old.call('#subscribe', { channel: 'room', join: true, members: true });
      expect(ack).not.toHaveProperty('data.members');
      await enter(cleanup, server, 'ada');
      await waitFor(() => raw.frames.some(({ event }) => event === '#presence'), { what: 'the number', deadlineMs });
      expect(raw.frames.find(({ event }) => event === '#presence')?.['data']).toMatchObject({
        channel: 'room',
        count: 1,
      });
      expect(old.frames.some(({ event }) => event === '#presence')).toBe(false);
    }),
    deadlineMs * 2,
  );
});

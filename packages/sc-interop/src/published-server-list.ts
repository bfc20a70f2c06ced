import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientOptions } from 'sc-client';
import { memoryTokenStore } from 'sc-client';
import { rawSocket, waitFor } from 'sc-testkit';
import { OurClient } from './our-client.js';
import { startPublishedServer, type PublishedVersion, type TestServer } from './server.js';
import { unicode } from './shared-list.js';

/** The features of `sc-client` that must work with every published server, each in its own test. */
export function describePublishedServer(version: PublishedVersion): void {
  const protocolVersion = version === '14' ? 1 : 2;

  describe(`sc-client with socketcluster-server ${version}`, () => {
    let server: TestServer;
    let client: OurClient;
    const clients: OurClient[] = [];

    const open = async (options: ClientOptions = {}): Promise<OurClient> => {
      const one = new OurClient(server.port, { protocolVersion, ...options });
      clients.push(one);
      await one.next('connect');
      return one;
    };

    beforeAll(async () => {
      server = await startPublishedServer(version);
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      client = await open();
    });
    afterEach(() => {
      const errors = clients.flatMap(({ events }) => events.filter(({ event }) => event === 'error'));
      for (const one of clients.splice(0)) one.socket.destroy();
      expect(errors).toEqual([]);
    });

    it('connects and gets its status', async () => {
      const { args } = await client.next('connect');
      expect(args[0]).toEqual({ id: expect.any(String), isAuthenticated: false, pingTimeout: 1500 });
      expect(client.socket.state).toBe('open');
    });

    it('gets acks, with data of any kind', async () => {
      for (const data of [unicode, { a: [1, null, true], b: { c: 1.5 } }, 0, false, [[]]]) {
        expect(await client.socket.invoke('echo', data)).toEqual(data);
        const acked = new Promise((resolve) => {
          client.socket.emit('echo', data, (error, answer) => resolve([error, answer]));
        });
        expect(await acked).toEqual([null, data]);
      }
    });

    it('gets an error for a call that is refused', async () => {
      const refusal = { name: 'Error', message: 'Rejected: no way' };
      await expect(client.socket.invoke('reject', 'no way')).rejects.toMatchObject(refusal);
      const error = await new Promise((resolve) => {
        client.socket.emit('reject', 'no way', resolve);
      });
      expect(error).toMatchObject(refusal);
    });

    it('gives up a call that is not answered', async () => {
      const call = client.socket.invoke('mute', null, { timeoutMs: 100 });
      await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(await client.socket.invoke('echo', 'still here')).toBe('still here');
    });

    it('answers calls of the server, with data and with errors', async () => {
      const stop = client.socket.handle('question', (data) => ({ data, answer: 42 }));
      expect(await client.socket.invoke('ask', 'why')).toEqual({ data: 'why', answer: 42 });
      stop();
      client.socket.handle('question', () => {
        throw new Error('Not now');
      });
      await expect(client.socket.invoke('ask', 'why')).rejects.toMatchObject({ message: 'Not now' });
    });

    it('gets events, and sends them without an ack', async () => {
      const noted = new Promise((resolve) => {
        client.socket.once('noted', resolve);
      });
      client.socket.emit('note', { text: unicode });
      expect(await noted).toEqual({ text: unicode });
    });

    it('subscribes, hears the server, others and itself, and unsubscribes', async () => {
      const other = await open();
      for (const one of [client, other]) {
        one.subscribe('room');
        await one.next('subscribe', ['room']);
      }
      await client.socket.invoke('broadcast', { channel: 'room', data: { text: unicode } });
      await client.socket.publish('room', [1, 2]);
      await other.socket.publish('room', 'from the other');
      for (const one of [client, other])
        for (const data of [{ text: unicode }, [1, 2], 'from the other']) await one.next('publication', ['room', data]);

      client.socket.unsubscribe('room');
      await client.next('unsubscribe', ['room']);
      await client.socket.invoke('echo', 'a round trip');
      await other.socket.publish('room', 'late');
      await other.next('publication', ['room', 'late']);
      await client.socket.invoke('echo', 'a round trip');
      expect(client.count('publication', 'room', 'late')).toBe(0);
      expect(client.socket.subscriptions(true)).toEqual([]);
    });

    it('learns why a subscription or a publish is refused', async () => {
      client.subscribe('denied/a');
      const { args } = await client.next('subscribeFail');
      expect(args).toMatchObject([{ message: 'Denied: denied/a' }, 'denied/a']);
      await expect(client.socket.publish('readonly/a', 1)).rejects.toMatchObject({ message: 'Denied: readonly/a' });
    });

    it('is kicked out of a channel and stays out', async () => {
      client.subscribe('room');
      await client.next('subscribe', ['room']);
      await client.socket.invoke('kick', { channel: 'room', message: 'Enough' });
      await client.next('kickOut', ['Enough', 'room']);
      await client.socket.invoke('broadcast', { channel: 'room', data: 'late' });
      await client.socket.invoke('echo', 'a round trip');
      expect(client.count('publication', 'room', 'late')).toBe(0);
      expect(client.socket.isSubscribed('room', true)).toBe(false);
    });

    it('keeps a token over a reconnect and loses it when it is removed', async () => {
      await client.socket.invoke('login', { username: 'ada' });
      await client.next('authenticate');
      expect(await client.socket.invoke('whoami')).toBe('ada');
      expect(client.socket.authToken).toMatchObject({ username: 'ada' });

      const before = client.events.length;
      client.socket.emit('bye', { code: 4321, reason: 'again' });
      const { args } = await client.next('connect', [], before);
      expect(args[0]).toMatchObject({ isAuthenticated: true });
      expect(await client.socket.invoke('whoami')).toBe('ada');

      await client.socket.invoke('logout');
      await client.next('deauthenticate');
      expect(await client.socket.invoke('whoami')).toBeNull();
      expect(client.socket.authState).toBe('unauthenticated');
    });

    it('logs in with a token that it has, and out by itself', async () => {
      await client.socket.invoke('login', { username: 'ada' });
      await client.next('authenticate');
      const other = await open();
      await other.socket.authenticate(client.socket.signedAuthToken ?? '');
      expect(await other.socket.invoke('whoami')).toBe('ada');
      await other.socket.deauthenticate();
      expect(await other.socket.invoke('whoami')).toBeNull();
      await expect(other.socket.authenticate('a.b.c')).rejects.toMatchObject({ name: 'AuthTokenInvalidError' });
    });

    it('is told that the token it brings is not valid', async () => {
      const authEngine = { ...memoryTokenStore(), loadToken: () => 'a.b.c' };
      const other = await open({ authEngine });
      const { args } = await other.next('connect');
      expect(args[0]).toMatchObject({ isAuthenticated: false, authError: { name: 'AuthTokenInvalidError' } });
    });

    it('loses a token that has expired', async () => {
      await client.socket.invoke('login', { username: 'ada', expiresIn: 1 });
      await client.next('authenticate');
      expect(await client.socket.invoke('whoami')).toBe('ada');
      await client.next('authTokenExpire');
      await waitFor(async () => (await client.socket.invoke('whoami')) === null, { what: 'the server to forget' });
    });

    it('stays while idle, when a client that answers no pings has long been dropped', async () => {
      const { id } = client.socket;
      const silent = await rawSocket(`ws://127.0.0.1:${server.port}/socketcluster/`, { answersPings: false });
      await silent.handshake();
      expect((await silent.closed).code).toBe(4001);
      expect(
        silent.messages.filter((message) => message === (protocolVersion === 1 ? '#1' : '')).length,
      ).toBeGreaterThan(2);
      expect(client.socket.id).toBe(id);
      expect(client.count('disconnect')).toBe(0);
      expect(await client.socket.invoke('echo', 'still here')).toBe('still here');
    });

    it('comes back after the server was killed, with its token, and subscribes again', async () => {
      await client.socket.invoke('login', { username: 'ada' });
      await client.next('authenticate');
      client.subscribe('room');
      await client.next('subscribe', ['room']);
      const before = client.events.length;
      await server.restart();
      await client.next('disconnect', [1006], before);
      await client.next('subscribe', ['room'], before);
      expect(await client.socket.invoke('whoami')).toBe('ada');
      await client.socket.invoke('broadcast', { channel: 'room', data: 'after' });
      await client.next('publication', ['room', 'after'], before);
    });

    it('sends and gets a megabyte', async () => {
      const data = 'x'.repeat(1_000_000);
      expect(await client.socket.invoke('echo', data)).toBe(data);
      client.subscribe('room');
      await client.next('subscribe', ['room']);
      await client.socket.publish('room', data);
      await client.next('publication', ['room', data]);
    });

    it.each([1000, 4500])('stays away after %i', async (code) => {
      const one = await open();
      one.socket.emit('bye', { code, reason: 'done' });
      await one.next('disconnect', [code, 'done']);
      // A client that reconnects would be connected before this response.
      await client.socket.invoke('slow', 300);
      expect(one.socket.state).toBe('closed');
      expect(one.count('connect')).toBe(1);
    });

    it.each([1001, 4001, 4321])('comes back after %i', async (code) => {
      client.socket.emit('bye', { code, reason: 'again' });
      await client.next('disconnect', [code, 'again']);
      await waitFor(() => client.count('connect') === 2, { what: 'the second connection' });
      expect(await client.socket.invoke('echo', 'back')).toBe('back');
    });

    it('ends the socket by itself, and connects again when it is told to', async () => {
      client.socket.disconnect(1000, 'bye');
      await client.next('disconnect', [1000, 'bye']);
      client.socket.connect();
      expect(await client.socket.invoke('echo', 'back')).toBe('back');
    });
  });
}

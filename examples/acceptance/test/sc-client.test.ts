import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import type { SCClientSocket } from 'sc-client';
import { createCleanup, waitFor } from 'sc-testkit';
import { setups, startAcceptance } from './support.js';
import type { Acceptance } from './support.js';

describe.each(setups)('sc-client against %s', (_name, env) => {
  const cleanup = createCleanup();
  let server: Acceptance;
  let socket: SCClientSocket;

  const open = () => cleanup.add(connect({ url: server.webSocketUrl }), (opened) => opened.disconnect());

  beforeAll(async () => {
    server = await startAcceptance(cleanup, env);
  });
  afterAll(() => cleanup.run());
  beforeEach(() => {
    socket = open();
  });

  it('emits ready with the status', async () => {
    const status = await new Promise((resolve) => socket.once('ready', resolve));
    expect(status).toMatchObject({ id: expect.any(String), isAuthenticated: false, pingTimeout: 20_000 });
  });

  it('invokes, and gets answers and errors', async () => {
    await expect(socket.invoke('echo', { a: [1, null] })).resolves.toEqual({ a: [1, null] });
    await expect(socket.invoke('reject', 'no')).rejects.toMatchObject({ name: 'Error', message: 'Rejected: no' });
    await expect(socket.invoke('throw')).rejects.toThrow();
    await expect(socket.invoke('rejectAsync')).rejects.toThrow();
    await expect(socket.invoke('slow', 20)).resolves.toBe(20);
    await expect(socket.invoke('mute', null, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'SC_TIMEOUT' });
    await expect(socket.invoke('worker')).resolves.toMatchObject({ id: expect.any(Number), pid: expect.any(Number) });
    await expect(socket.invoke('stats')).resolves.toEqual({ clients: expect.any(Number) });
  });

  it('emits with a callback', async () => {
    const answer = await new Promise((resolve) =>
      socket.emit('echo', 'hello', (error: unknown, data: unknown) => resolve([error, data])),
    );
    expect(answer).toEqual([null, 'hello']);
  });

  it('gets events and answers questions', async () => {
    const greeting = new Promise((resolve) => socket.on('greeting', resolve));
    await expect(socket.invoke('push', { event: 'greeting', data: [1] })).resolves.toBe('ok');
    await expect(greeting).resolves.toEqual([1]);

    const noted = new Promise((resolve) => socket.on('noted', resolve));
    socket.emit('note', 'n');
    await expect(noted).resolves.toBe('n');

    socket.handle('question', (text) => `${String(text)} Because.`);
    await expect(socket.invoke('ask', 'Why?')).resolves.toBe('Why? Because.');
  });

  it('logs in and out, and the token comes along', async () => {
    await expect(socket.invoke('login', { username: 'ada' })).resolves.toBe('ok');
    await waitFor(() => socket.authState === 'authenticated', { what: 'the token' });
    expect(socket.authToken).toMatchObject({ username: 'ada' });
    await expect(socket.invoke('whoami')).resolves.toBe('ada');

    socket.reconnect();
    await expect(socket.invoke('whoami')).resolves.toBe('ada');

    await expect(socket.invoke('logout')).resolves.toBe('ok');
    await waitFor(() => socket.authToken === null, { what: 'the loss of the token' });
    await expect(socket.invoke('whoami')).resolves.toBeNull();
  });

  it('subscribes, publishes, and is refused where it should be', async () => {
    const other = open();
    const news = other.subscribe('news');
    await waitFor(() => news.isSubscribed(), { what: 'the subscription' });
    const publications = news[Symbol.asyncIterator]();
    for (const text of ['one', 'two', 'three']) await socket.channel('news').publish(text);
    for (const text of ['one', 'two', 'three']) {
      await expect(publications.next()).resolves.toEqual({ value: text, done: false });
    }

    const denied = socket.channel('denied/x');
    const refusal = new Promise((resolve) => denied.once('subscribeFail', resolve));
    denied.subscribe();
    await expect(refusal).resolves.toMatchObject({ message: 'Denied: denied/x' });
    await expect(socket.channel('readonly/x').publish(1)).rejects.toMatchObject({ message: 'Denied: readonly/x' });
  });

  it('is kicked out and disconnected', async () => {
    const club = socket.subscribe('club');
    await waitFor(() => club.isSubscribed(), { what: 'the subscription' });
    const kickOut = new Promise((resolve) => club.once('kickOut', resolve));
    await socket.invoke('kick', { channel: 'club', message: 'closing time' });
    await expect(kickOut).resolves.toBe('closing time');
    expect(club.state).toBe('unsubscribed');

    const end = new Promise((resolve) => socket.once('disconnect', (code, reason) => resolve([code, reason])));
    socket.emit('bye', { code: 4501, reason: 'so long' });
    await expect(end).resolves.toEqual([4501, 'so long']);
    expect(socket.state).toBe('closed');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, rawSocket } from 'sc-testkit';
import type { RawSocket } from 'sc-testkit';
import { nextPublication, setups, startAcceptance } from './support.js';
import type { Acceptance } from './support.js';

describe.each(setups)('raw frames against %s', (_name, env) => {
  const cleanup = createCleanup();
  let server: Acceptance;
  let socket: RawSocket;

  beforeAll(async () => {
    server = await startAcceptance(cleanup, env);
  });
  afterAll(() => cleanup.run());
  beforeEach(async () => {
    socket = await server.open();
  });

  const isEvent = (name: string) => (frame: Readonly<Record<string, unknown>>) => frame['event'] === name;
  const errorOf = async (event: string, data?: unknown) => (await socket.call(event, data)).error;

  it('says what runs', () => {
    const { pids, ports, url } = server.ready;
    expect(url).toBe(`http://localhost:${ports.server}`);
    expect(pids.supervisor).toBe(server.pid);
    const counts = { workers: pids.workers.length, stores: pids.stores.length, balancers: pids.balancers.length };
    const wanted = (name: string) => Number(env[name] ?? 0);
    expect(counts).toEqual({ workers: wanted('WORKERS'), stores: wanted('STORES'), balancers: wanted('BALANCERS') });
  });

  it('serves HTTP', async () => {
    const hello = await fetch(`${server.ready.url}/hello`);
    expect([hello.status, await hello.text()]).toEqual([200, 'world']);
    expect((await fetch(`${server.ready.url}/other`)).status).toBe(404);
    expect((await fetch(`${server.ready.url}/hello`, { method: 'POST' })).status).toBe(404);
  });

  it('refuses an upgrade that the handshake middleware refuses', async () => {
    await expect(rawSocket(`${server.webSocketUrl}?refuse=1`)).rejects.toMatchObject({ statusCode: 401 });
  });

  it('lets pages of localhost connect, and no others', async () => {
    const open = (origin: string) => rawSocket(server.webSocketUrl, { headers: { origin } });
    for (const origin of ['http://localhost:1234', 'http://127.0.0.1:80']) (await open(origin)).terminate();
    await expect(open('http://example.com')).rejects.toMatchObject({ statusCode: 403 });
  });

  it('answers echo with the same data', async () => {
    for (const data of ['text', 0, null, false, { a: [1, { b: null }] }, 'ü ☃ 😀']) {
      await expect(socket.call('echo', data)).resolves.toEqual({ rid: expect.any(Number), data });
    }
  });

  it('answers reject with the error', async () => {
    await expect(errorOf('reject', 'because')).resolves.toMatchObject({ name: 'Error', message: 'Rejected: because' });
  });

  it('answers throw and rejectAsync with an error, without a stack, and goes on', async () => {
    for (const event of ['throw', 'rejectAsync']) {
      const error = await errorOf(event);
      expect(error).toMatchObject({ name: 'Error', message: expect.any(String) });
      expect(error).not.toHaveProperty('stack');
    }
    await expect(socket.call('echo', 1)).resolves.toMatchObject({ data: 1 });
  });

  it('never answers mute', async () => {
    socket.sendFrame({ event: 'mute', data: null, cid: 1000 });
    await socket.call('echo', 1);
    expect(socket.frames.filter((frame) => frame['rid'] === 1000)).toEqual([]);
  });

  it('answers slow after faster calls that came later', async () => {
    const slow = socket.call('slow', 300);
    await socket.call('echo', 1);
    expect((await slow).data).toBe(300);
    const order = socket.frames.map((frame) => frame['rid']).filter((rid) => rid !== undefined);
    expect(order.slice(-2)).toEqual([3, 2]);
  });

  it('pushes an event to the same socket', async () => {
    await expect(socket.call('push', { event: 'greeting', data: [1] })).resolves.toMatchObject({ data: 'ok' });
    await expect(socket.next(isEvent('greeting'))).resolves.toEqual({ event: 'greeting', data: [1] });
  });

  it('asks the client and passes its answer on', async () => {
    const asked = socket.call('ask', 'why?');
    const question = await socket.next(isEvent('question'));
    expect(question).toEqual({ event: 'question', data: 'why?', cid: expect.any(Number) });
    socket.sendFrame({ rid: question['cid'], data: 'because' });
    await expect(asked).resolves.toMatchObject({ data: 'because' });
  });

  it('passes the refusal of the client on', async () => {
    const asked = socket.call('ask', 'why?');
    const question = await socket.next(isEvent('question'));
    socket.sendFrame({ rid: question['cid'], error: { name: 'ShyError', message: 'Not telling' } });
    expect((await asked).error).toMatchObject({ message: 'Not telling' });
  });

  it('logs in, tells who that is, and logs out', async () => {
    await expect(socket.call('whoami')).resolves.toMatchObject({ data: null });
    await expect(socket.call('login', { username: 'ada' })).resolves.toMatchObject({ data: 'ok' });
    const { data } = await socket.next(isEvent('#setAuthToken'));
    const { token } = data as { token: string };
    await expect(socket.call('whoami')).resolves.toMatchObject({ data: 'ada' });

    const other = cleanup.add(await rawSocket(server.webSocketUrl), (opened) => opened.terminate());
    await expect(other.handshake(token)).resolves.toMatchObject({ isAuthenticated: true });
    await expect(other.call('whoami')).resolves.toMatchObject({ data: 'ada' });

    await expect(socket.call('logout')).resolves.toMatchObject({ data: 'ok' });
    await socket.next(isEvent('#removeAuthToken'));
    await expect(socket.call('whoami')).resolves.toMatchObject({ data: null });
  });

  it('gives a token the life it was asked for', async () => {
    await socket.call('login', { username: 'ada', expiresIn: 60 });
    const { data } = await socket.next(isEvent('#setAuthToken'));
    const [, payload = ''] = (data as { token: string }).token.split('.');
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { iat: number; exp: number };
    expect(Math.abs(exp - iat - 60)).toBeLessThanOrEqual(1);
  });

  it('brings a publication to every subscriber, in order', async () => {
    const other = await server.open();
    for (const one of [socket, other]) await one.call('#subscribe', { channel: 'news' });
    for (const data of ['first', 'second', 'third']) await socket.call('#publish', { channel: 'news', data });
    for (const one of [socket, other]) {
      for (const data of ['first', 'second', 'third']) await expect(nextPublication(one, 'news')).resolves.toBe(data);
    }
  });

  it('refuses subscriptions to denied/*', async () => {
    const error = await errorOf('#subscribe', { channel: 'denied/x' });
    expect(error?.message).toBe('Denied: denied/x');
  });

  it('refuses publishing to readonly/* by a client, while the server may', async () => {
    await socket.call('#subscribe', { channel: 'readonly/x' });
    expect((await errorOf('#publish', { channel: 'readonly/x', data: 1 }))?.message).toBe('Denied: readonly/x');
    await expect(socket.call('broadcast', { channel: 'readonly/x', data: 2 })).resolves.toMatchObject({ data: 'ok' });
    await expect(nextPublication(socket, 'readonly/x')).resolves.toBe(2);
  });

  it('opens private/* to those who have logged in', async () => {
    expect((await errorOf('#subscribe', { channel: 'private/x' }))?.message).toBe('Denied: private/x');
    await socket.call('login', { username: 'ada' });
    await expect(errorOf('#subscribe', { channel: 'private/x' })).resolves.toBeUndefined();
  });

  it('keeps its own channels to itself', async () => {
    expect((await errorOf('#subscribe', { channel: 'internal/x' }))?.message).toBe('Denied: internal/x');
    expect((await errorOf('#publish', { channel: 'internal/x', data: 1 }))?.message).toBe('Denied: internal/x');
  });

  it('kicks out', async () => {
    await socket.call('#subscribe', { channel: 'club' });
    await expect(socket.call('kick', { channel: 'club', message: 'closing time' })).resolves.toMatchObject({
      data: 'ok',
    });
    await expect(socket.next(isEvent('#kickOut'))).resolves.toEqual({
      event: '#kickOut',
      data: { channel: 'club', message: 'closing time' },
    });
    await socket.call('broadcast', { channel: 'club', data: 1 });
    await socket.call('echo', 1);
    expect(socket.frames.filter(isEvent('#publish'))).toEqual([]);
  });

  it('counts the clients of the whole cluster', async () => {
    const before = (await socket.call('stats')).data as { clients: number };
    await Promise.all([server.open(), server.open(), server.open()]);
    await expect(socket.call('stats')).resolves.toMatchObject({ data: { clients: before.clients + 3 } });
  });

  it('tells which worker serves', async () => {
    const { data } = await socket.call('worker');
    const { pids } = server.ready;
    const { id, pid } = data as { id: number; pid: number };
    expect((pids.workers.length === 0 ? [pids.supervisor] : pids.workers)[id]).toBe(pid);
  });

  it('answers note with noted', async () => {
    socket.emit('note', { n: 1 });
    await expect(socket.next(isEvent('noted'))).resolves.toEqual({ event: 'noted', data: { n: 1 } });
  });

  it('disconnects on bye', async () => {
    socket.emit('bye', { code: 4501, reason: 'so long' });
    await expect(socket.closed).resolves.toEqual({ code: 4501, reason: 'so long' });
  });
});

import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor, type RawSocket } from 'sc-testkit';
import { askCluster, findClusters, type ActionResult, type ClientList } from '../../dist/tools.js';
import { connectToTwoWorkers, startCluster, type TestCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());
const appName = `inspect-${process.pid}`;

interface Started {
  readonly test: TestCluster;
  readonly ask: (request: object) => Promise<unknown>;
  readonly list: (query?: object) => Promise<ClientList>;
  readonly path: string;
}

async function start(options: object = {}): Promise<Started> {
  const test = cleanup.add(await startCluster({ appName, ...options }), ({ cluster }) => cluster.close());
  const found = (await findClusters()).find(({ status }) => status.appName === appName);
  if (found === undefined) throw new Error('The cluster was not found');
  const { path } = found;
  const ask = (request: object) => askCluster(path, request as never, { deadlineMs: 30_000 });
  return { test, ask, path, list: (query = {}) => ask({ command: 'clients', ...query }) as Promise<ClientList> };
}

async function login(socket: RawSocket, username: string): Promise<void> {
  await socket.call('login', username);
}

describe('the clients of a running cluster', () => {
  it('are listed from every worker, with user, age, queue, bytes and subscriptions', async () => {
    const { test, list } = await start();
    const [one, other] = await connectToTwoWorkers(test);
    await login(one, 'alice');
    await one.call('#subscribe', { channel: 'room' });
    const { clients, total, missing } = await list();
    expect({ total, missing, listed: clients.length }).toEqual({ total: clients.length, missing: [], listed: total });
    expect(new Set(clients.map(({ worker }) => worker))).toEqual(new Set([0, 1]));
    const alice = clients.find(({ user }) => user === 'alice');
    expect(alice).toEqual({
      id: expect.any(String),
      user: 'alice',
      address: expect.stringContaining('127.0.0.1'),
      state: 'open',
      ageMs: expect.any(Number),
      queueBytes: 0,
      receivedBytes: expect.any(Number),
      sentBytes: expect.any(Number),
      subscriptions: 1,
      worker: expect.any(Number),
    });
    expect(alice?.receivedBytes).toBeGreaterThan(100);
    const byId = await list({ id: alice?.id });
    expect(byId).toMatchObject({ total: 1, clients: [{ user: 'alice', channels: ['room'] }] });
    expect(await list({ user: 'alice' })).toMatchObject({ total: 1 });
    expect(await list({ user: 'bob' })).toMatchObject({ total: 0, clients: [] });
    expect(await list({ address: '203.0.113.9' })).toMatchObject({ total: 0 });
    expect((await list({ sort: 'subscriptions', limit: 1 })).clients).toMatchObject([{ user: 'alice' }]);
    await other.close();
  });

  it('come in pages, each once', async () => {
    const { test, list } = await start();
    for (let i = 0; i < 7; i++) await test.connect();
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page: ClientList = await list({ limit: 3, ...(after !== undefined && { after }) });
      seen.push(...page.clients.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toEqual([...seen].sort());
  });

  it('are listed without a worker that stands still, which is named', async () => {
    const { test, list } = await start();
    await connectToTwoWorkers(test);
    const [stopped] = test.cluster.status().workers;
    process.kill(stopped?.pid ?? 0, 'SIGSTOP');
    cleanup.add(stopped?.pid ?? 0, (pid) => process.kill(pid, 'SIGCONT'));
    const { missing, clients } = await list();
    expect(missing).toEqual([stopped?.id]);
    expect(clients.every(({ worker }) => worker !== stopped?.id)).toBe(true);
    process.kill(stopped?.pid ?? 0, 'SIGCONT');
    await waitFor(async () => (await list()).missing.length === 0, { deadlineMs: 60_000, what: 'the worker' });
  });

  it('are disconnected by id or user, and the log says who did it and why', async () => {
    const { test, ask, list } = await start();
    const [alice, bob] = await connectToTwoWorkers(test);
    await login(alice, 'alice');
    await login(bob, 'bob');
    const { clients } = await list({ user: 'bob' });
    const order = { command: 'disconnect', user: 'alice', code: 4321, reason: 'spam\n', by: 'root' };
    expect((await ask(order)) as ActionResult).toEqual({ sockets: 1, missing: [] });
    expect(await alice.closed).toEqual({ code: 4321, reason: 'spam\n' });
    expect(test.log).toContainEqual({
      level: 'info',
      message: 'An operator changed clients',
      details: expect.objectContaining({ action: 'disconnect', user: 'alice', by: 'root', sockets: 1, code: 4321 }),
    });
    expect(await ask({ command: 'disconnect', id: clients[0]?.id })).toEqual({ sockets: 1, missing: [] });
    expect(await bob.closed).toMatchObject({ code: 1000 });
    expect(await ask({ command: 'disconnect', user: 'alice' })).toEqual({ sockets: 0, missing: [] });
  });

  it('are kicked out of a channel, and stay connected', async () => {
    const { test, ask } = await start({ workers: 1 });
    const [alice, other] = [await test.connect(), await test.connect()];
    await login(alice, 'alice');
    await login(other, 'alice');
    await alice.call('#subscribe', { channel: 'room' });
    const order = { command: 'kick', channel: 'room', user: 'alice', message: 'spam' };
    expect(await ask(order)).toEqual({ sockets: 1, missing: [] });
    await alice.next(({ event }) => event === '#kickOut');
    expect((await alice.call('worker')).error).toBeUndefined();
    expect(await ask(order)).toEqual({ sockets: 0, missing: [] });
  });

  it('are not touched by a request that is wrong', async () => {
    const { ask } = await start({ workers: 1 });
    const wrong: readonly (readonly [object, string])[] = [
      [{ command: 'clients', limit: 0 }, '`limit` must be a whole number from 1 to 1000, got 0'],
      [{ command: 'clients', limit: '5' }, '`limit` must be a whole number from 1 to 1000, got "5"'],
      [{ command: 'clients', sort: 'name' }, '`sort` must be one of'],
      [{ command: 'clients', sort: 'age', after: 'x' }, '`after` needs sort \'id\', got "age"'],
      [{ command: 'clients', user: 5 }, '`user` must be text that is not empty, got 5'],
      [{ command: 'channels', names: [''] }, '`names` must be an array of at most 1000 names of channels'],
      [{ command: 'disconnect' }, 'Give either the `id` of a socket or a `user`'],
      [{ command: 'disconnect', id: 'a', user: 'b' }, 'Give either the `id` of a socket or a `user`'],
      [{ command: 'disconnect', id: 'a', code: 1006 }, '`code` must be a close code that can be sent, got 1006'],
      [{ command: 'disconnect', id: 'a', reason: 'x'.repeat(124) }, '`reason` must be at most 123 bytes, got 124'],
      [{ command: 'kick', id: 'a' }, '`channel` must'],
    ];
    for (const [request, message] of wrong) await expect(ask(request)).rejects.toThrow(message);
  });

  it('take users as long as a token can hold, and no longer line', async () => {
    const { path, ask } = await start({ workers: 1 });
    expect(await ask({ command: 'disconnect', user: 'ü'.repeat(4_000) })).toEqual({ sockets: 0, missing: [] });
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(path, () => socket.write('x'.repeat(400_000)));
      socket.on('error', reject);
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('A request must be a line of JSON');
  });
});

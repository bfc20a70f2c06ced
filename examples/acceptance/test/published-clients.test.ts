import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, waitFor } from 'sc-testkit';
import { publishedClient } from './published-client.js';
import type { PublishedClient } from './published-client.js';
import { nextPublication, openOnEachWorker, startAcceptance } from './support.js';
import type { Acceptance } from './support.js';

const cleanup = createCleanup();
let server: Acceptance;

beforeAll(async () => {
  server = await startAcceptance(cleanup, { WORKERS: '2', STORES: '1' });
});
afterAll(() => cleanup.run());

const start = (generation: 14 | 20) =>
  cleanup.add(publishedClient(generation, server.ready.ports.server), (client) => client.end());

describe.each([20, 14] as const)('the published socketcluster-client %d', (generation) => {
  let client: PublishedClient;

  beforeAll(() => {
    client = start(generation);
  });

  it('connects', async () => {
    await expect(client.connected()).resolves.toEqual(expect.any(Object));
  });

  it('gets answers and errors', async () => {
    await expect(client.call('echo', { a: [1, null] })).resolves.toEqual({ a: [1, null] });
    await expect(client.call('reject', 'no')).rejects.toMatchObject({ name: 'Error', message: 'Rejected: no' });
  });

  it('gets events and answers questions', async () => {
    await client.hear('noted');
    await client.emit('note', 'n');
    await waitFor(async () => (await client.heard('noted')).length === 1, { what: 'the event' });
    await expect(client.heard('noted')).resolves.toEqual(['n']);

    await client.answer('question', ' Because.');
    await expect(client.call('ask', 'Why?')).resolves.toBe('Why? Because.');
  });

  it('is told why a subscription is refused', async () => {
    await expect(client.subscribe('denied/x')).rejects.toMatchObject({ message: 'Denied: denied/x' });
  });

  it('is told why a publish is refused', async () => {
    await expect(client.publish('readonly/x', 1)).rejects.toMatchObject({ message: 'Denied: readonly/x' });
  });

  it('publishes to and receives from clients of both workers', async () => {
    const channel = `of ${generation}`;
    const sockets = await openOnEachWorker(server, 2);
    for (const socket of sockets) await socket.call('#subscribe', { channel });
    await client.subscribe(channel);

    await client.publish(channel, 'from the client');
    for (const socket of sockets) await expect(nextPublication(socket, channel)).resolves.toBe('from the client');
    for (const [worker, socket] of sockets.entries()) {
      await socket.call('#publish', { channel, data: `from worker ${worker}` });
    }
    const all = ['from the client', 'from worker 0', 'from worker 1'];
    await waitFor(async () => (await client.received(channel)).length === all.length, { what: 'all publications' });
    await expect(client.received(channel)).resolves.toEqual(all);
  });

  it('takes a token, and gives it up', async () => {
    await client.call('login', { username: 'ada' });
    await waitFor(() => client.authToken(), { what: 'the token' });
    await expect(client.authToken()).resolves.toMatchObject({ username: 'ada' });
    await expect(client.call('whoami')).resolves.toBe('ada');
    await expect(client.subscribe('private/x')).resolves.toBeNull();
    await client.call('logout');
    await waitFor(async () => (await client.authToken()) === null, { what: 'the loss of the token' });
    await expect(client.call('whoami')).resolves.toBeNull();
  });
});

it('serves clients of all generations on one channel', async () => {
  const newest = cleanup.add(connect({ url: server.webSocketUrl }), (socket) => socket.disconnect());
  const [twenty, fourteen] = [start(20), start(14)];
  const received: unknown[] = [];
  const channel = newest.subscribe('all').watch((data) => received.push(data));
  await Promise.all([
    waitFor(() => channel.isSubscribed(), { what: 'the subscription' }),
    twenty.subscribe('all'),
    fourteen.subscribe('all'),
  ]);

  await channel.publish('newest');
  await twenty.publish('all', 'twenty');
  await fourteen.publish('all', 'fourteen');

  const everywhere = async () => [received, await twenty.received('all'), await fourteen.received('all')];
  await waitFor(async () => (await everywhere()).every((list) => list.length === 3), { what: 'all publications' });
  const all = ['newest', 'twenty', 'fourteen'];
  await expect(everywhere()).resolves.toEqual([all, all, all]);
});

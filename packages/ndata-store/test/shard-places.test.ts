import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataClusterClient, NdataServer } from '../src/index.js';
import { waitFor } from './helpers/wait-for.js';

const secret = '0123456789abcdef0123456789abcdef';
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function store(port = 0, ownSecret = secret): Promise<{ port: number; server: NdataServer }> {
  const server = new NdataServer({ port, secret: ownSecret });
  server.on('error', () => undefined);
  await server.listen();
  closers.push(() => server.close());
  return { port: (server.address as { port: number }).port, server };
}

function cluster(...ports: readonly number[]): { client: NdataClusterClient; errors: string[] } {
  const shards = ports.map((port) => ({ port }));
  const client = new NdataClusterClient({ shards, secret, reconnectDelayMaxMs: 50, callTimeoutMs: 30_000 });
  const errors: string[] = [];
  client.on('error', ({ message }) => errors.push(message));
  closers.push(() => client.close());
  return { client, errors };
}

const isReady = ({ client }: { client: NdataClusterClient }) => client.status().every(({ state }) => state === 'ready');

describe('a store of a cluster', () => {
  it('refuses a client that names the stores in another order', async () => {
    const [a, b] = [await store(), await store()];
    const first = cluster(a.port, b.port);
    await waitFor('the first client', () => isReady(first));
    const second = cluster(b.port, a.port);
    await waitFor('both refusals', () => second.errors.length === 2);
    expect([...second.errors].sort()).toEqual([
      'The store is shard 1 of 2 for its other clients, and shard 2 of 2 for this one: all must name the same stores in the same way',
      'The store is shard 2 of 2 for its other clients, and shard 1 of 2 for this one: all must name the same stores in the same way',
    ]);
    expect(a.server.store.statistics().limitHits.authFailures).toBe(1);
    expect(isReady(first)).toBe(true);
  });

  it('refuses a client that names another number of stores, until the others are gone', async () => {
    const [a, b] = [await store(), await store()];
    const first = cluster(a.port);
    await waitFor('the first client', () => isReady(first));
    const second = cluster(a.port, b.port);
    await waitFor('the refusal', () => second.errors.length === 1);
    expect(second.errors[0]).toContain('shard 1 of 1 for its other clients, and shard 1 of 2 for this one');
    await first.client.close();
    const third = cluster(a.port, b.port);
    await waitFor('the third client', () => isReady(third));
  });

  it('refuses to be two shards of one client', async () => {
    const a = await store();
    const { errors } = cluster(a.port, a.port);
    await waitFor('the refusal', () => errors.length === 1);
    expect(errors[0]).toContain('all must name the same stores');
  });

  it('serves a client of this store alone, whatever its place', async () => {
    const [a, b] = [await store(), await store()];
    const members = cluster(a.port, b.port);
    await waitFor('the cluster', () => isReady(members));
    const alone = new NdataClient({ port: b.port, secret });
    closers.push(() => alone.close());
    await alone.set('key', 1);
    expect(await alone.get('key')).toBe(1);
  });
});

it('a client that a store had accepted tries again when the store comes back with another secret', async () => {
  const first = await store();
  const { client, errors } = cluster(first.port);
  await client.subscribe('news');
  await first.server.close();
  const foreign = await store(first.port, 'another secret of thirty-two bytes');
  await waitFor('the refusal', () => errors.includes('The store refused the secret'));
  expect(errors.filter((text) => text === 'The store refused the secret')).toHaveLength(1);
  await foreign.server.close();
  await store(first.port);
  const received: string[] = [];
  client.onPayload = (channel) => received.push(channel);
  await client.publish('news', 1);
  await waitFor('the publication', () => received.length === 1);
});

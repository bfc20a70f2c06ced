import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir } from 'sc-testkit';
import { NdataClient, NdataServer, NdataStore } from '../src/index.js';
import type { ChannelStore } from '../src/index.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const local = (options?: ConstructorParameters<typeof NdataStore>[0]) =>
  cleanup.add(new NdataStore(options), (store) => store.close());

async function behindLink(): Promise<NdataClient> {
  const socketPath = `${cleanup.add(tempDir(), (made) => made.remove()).path}/store.sock`;
  const server = cleanup.add(new NdataServer({ socketPath }), (made) => made.close());
  await server.listen();
  const client = new NdataClient({ socketPath });
  cleanup.add(client, (made) => made.close());
  return client;
}

const kept = async (store: ChannelStore, channel: string) =>
  (await store.readStream(channel)).publications.map(({ offset }) => offset);

describe.each<[string, () => Promise<NdataClient | NdataStore>]>([
  ['in this process', () => Promise.resolve(local())],
  ['behind a link', behindLink],
])('append to a store %s', (_where, makeStore) => {
  it('publishes, keeps, and resolves with the position', async () => {
    const store = await makeStore();
    const heard: unknown[] = [];
    store.on('message', (channel, data) => heard.push([channel, data]));
    await store.subscribe('news');
    const first = await store.append('news', 'a');
    expect(await store.append('news', { b: 1 })).toEqual({ epoch: first.epoch, offset: 2 });
    expect(heard).toEqual([
      ['news', 'a'],
      ['news', { b: 1 }],
    ]);
    const page = await store.readStream('news', { since: first });
    expect(page).toMatchObject({ recovered: true, top: 2, publications: [{ offset: 2 }] });
  });

  it('begins a stream in which every later publication has its place', async () => {
    const store = await makeStore();
    expect(await store.publish('news', 0)).toBeUndefined();
    const { epoch } = await store.append('news', 1);
    expect(await store.publish('news', 2)).toEqual({ epoch, offset: 2 });
    expect(await store.publish('news', 3, { volatile: true })).toBeUndefined();
    expect(await store.append('news', 4)).toEqual({ epoch, offset: 3 });
    await store.removeStream('news');
    expect(await store.publish('news', 5)).toBeUndefined();
  });

  it('leaves the limits to the first publisher', async () => {
    const store = await makeStore();
    for (let i = 0; i < 3; i++) await store.append('news', i, { maxSize: 5, maxAgeMs: 60_000 });
    await store.append('news', 3, { maxSize: 1 });
    expect(await kept(store, 'news')).toEqual([1, 2, 3, 4]);
    for (let i = 4; i < 8; i++) await store.publish('news', i);
    expect(await kept(store, 'news')).toEqual([4, 5, 6, 7, 8]);
  });

  it.each([
    [{ maxSize: 0 }, '`maxSize` must be a whole number from 1 to 9007199254740991, got 0'],
    [{ maxAgeMs: 1.5 }, '`maxAgeMs` must be a whole number from 1 to 9007199254740991, got 1.5'],
  ])('refuses the limits %j, and publishes nothing', async (limits, message) => {
    const store = await makeStore();
    await expect(store.append('news', 1, limits)).rejects.toMatchObject({ message: expect.stringContaining(message) });
    expect(await store.readStream('news')).toMatchObject({ top: 0 });
  });
});

describe('append', () => {
  it('follows the rule of the channel, whatever limits it is given', async () => {
    const store = local({ channels: { 'news/*': { history: { size: 2, ageMs: 60_000 } }, quiet: { history: false } } });
    for (let i = 0; i < 4; i++) await store.append('news/a', i, { maxSize: 100 });
    expect(await kept(store, 'news/a')).toEqual([3, 4]);
    await expect(store.append('quiet', 1)).rejects.toMatchObject({
      name: 'InvalidArgumentsError',
      message: 'The channel "quiet" cannot keep publications: its rule `channels["quiet"]` has no history',
    });
  });

  it.each([false, true])('keeps stream and limits over a restart, after a snapshot: %j', async (hasSnapshot) => {
    const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
    // So small a limit makes a snapshot of what is there.
    const persist = { folder, ...(hasSnapshot && { compactBytes: 1 }) };
    const before = local({ persist });
    const position = await before.append('news', 'a', { maxSize: 2, maxAgeMs: 60_000 });
    await before.append('news', 'b');
    await before.close();

    const after = local({ persist });
    expect(await after.readStream('news', { since: position })).toMatchObject({ recovered: true, top: 2 });
    await after.publish('news', 'c');
    expect(await kept(after, 'news')).toEqual([2, 3]);
    await after.close();

    const ruled = local({ persist, channels: { news: { history: false } } });
    expect(await ruled.readStream('news', { since: position })).toMatchObject({ recovered: false, reason: 'epoch' });
  });
});

describe('headers of a publication', () => {
  it.each([
    ['kept in memory', undefined],
    ['delivered after its record is written', 'synced'],
  ] as const)('reach the subscribers of a store with its log %s', async (_how, fsync) => {
    const folder = cleanup.add(tempDir(), (made) => made.remove()).path;
    const store = local(
      fsync && { persist: { folder, fsync }, channels: { news: { history: { size: 5, ageMs: 60_000 } } } },
    );
    const heard: (string | undefined)[] = [];
    const subscribed = new Promise<void>((resolve, reject) => {
      store.open('news', {
        subscribed: () => resolve(),
        lost: () => undefined,
        publication: ({ headers }) => heard.push(headers),
        interrupted: reject,
        refused: reject,
      });
    });
    await subscribed;
    await store.publish('news', 1, { headers: '{"to":"all"}' });
    await store.publish('news', 2);
    expect(heard).toEqual(['{"to":"all"}', undefined]);
  });
});

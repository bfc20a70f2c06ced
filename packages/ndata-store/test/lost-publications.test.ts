import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ChannelSinks } from '../src/client/channel-sinks.js';
import type { SinkEntry } from '../src/client/channel-sinks.js';
import { Publication } from '../src/data/publication.js';
import { NdataClient, NdataServer } from '../src/index.js';
import type { SubscribedPage } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  folders.remove();
});

async function serve(
  maxPendingBytes: number,
): Promise<{ server: NdataServer; client: NdataClient; socketPath: string }> {
  const socketPath = folders.socketPath();
  const server = new NdataServer({ socketPath, maxPendingBytes });
  await server.listen();
  const client = new NdataClient({ socketPath });
  open.push(server, client);
  return { server, client, socketPath };
}

const count = 300;
const payload = 'x'.repeat(1000);

describe('publications that a store leaves out of a link', () => {
  it.each([1, 1000, 20_000, 100_000])(
    'are told although nothing follows them, with room for %i bytes',
    async (maxPendingBytes) => {
      const { server, client } = await serve(maxPendingBytes);
      let received = 0;
      let lost = 0;
      let live = 0;
      const problems: string[] = [];
      client.open('news', {
        subscribed: (page) => (live = page.live),
        publication: (publication) => {
          received++;
          if (publication.live !== live + 1) problems.push(`${publication.live} after ${live}`);
          live = publication.live;
        },
        lost: (missing, until) => {
          if (until !== live + missing) problems.push(`${missing} until ${until} after ${live}`);
          lost += missing;
          live = until;
        },
        interrupted: () => problems.push('interrupted'),
        refused: (error) => problems.push(String(error)),
      });
      await waitFor('the subscription', () => client.isSubscribed('news'));
      for (let round = 1; round <= 3; round++) {
        for (let i = 0; i < count; i++) server.store.publish('news', payload);
        await waitFor('the sum', () => received + lost === count * round);
      }
      expect(problems).toEqual([]);
      expect(lost).toBeGreaterThan(count);
      expect(received).toBeGreaterThanOrEqual(3);
    },
  );

  it('are told to a client that subscribes by name', async () => {
    const { server, client } = await serve(20_000);
    let received = 0;
    let lost = 0;
    client.onPayload = () => received++;
    client.on('publicationsLost', (channel, missing) => (lost += channel === 'news' ? missing! : NaN));
    await client.subscribe('news');
    for (let i = 0; i < count; i++) server.store.publish('news', payload);
    await waitFor('the sum', () => received + lost === count);
    expect(lost).toBeGreaterThan(0);
  });
});

describe('publications while the link of a subscriber by name is away', () => {
  it('are told as an unknown number after a new start of the store', async () => {
    const { server, client, socketPath } = await serve(1_000_000);
    const losses: unknown[] = [];
    client.on('publicationsLost', (channel, missing) => losses.push([channel, missing]));
    await client.subscribe('news');
    await server.close();
    await waitFor('the loss of the link', () => !client.isSubscribed('news'));
    const second = new NdataServer({ socketPath });
    open.push(second);
    await second.listen();
    await waitFor('the subscription', () => client.isSubscribed('news'));
    expect(losses).toEqual([['news', undefined]]);
  });
});

describe('a sink whose subscription is not answered yet', () => {
  const page = (live: number): SubscribedPage => ({
    epoch: '',
    top: 0,
    recovered: false,
    hasMore: false,
    publications: [],
    live,
    count: 'a',
  });

  function asked(): { sinks: ChannelSinks; entry: SinkEntry; told: unknown[] } {
    const told: unknown[] = [];
    const sinks = new ChannelSinks((error) => told.push(error));
    const sink = {
      subscribed: ({ live }: SubscribedPage) => told.push(`subscribed at ${live}`),
      publication: ({ live }: Publication) => told.push(live),
      lost: (missing: number, live: number) => told.push(`lost ${missing} until ${live}`),
      interrupted: () => undefined,
      refused: () => undefined,
    };
    const entry = sinks.add('news', sink, undefined);
    entry.state = 'asked';
    return { sinks, entry, told };
  }

  function deliver(sinks: ChannelSinks, live: number, bytes = 1): void {
    const publication = new Publication('news', Buffer.alloc(bytes), false, 0, undefined, live);
    if (sinks.wants('news')) sinks.deliver(publication);
  }

  it('is told of publications that were too many to be held', () => {
    const { sinks, entry, told } = asked();
    for (let live = 1; live <= 5; live++) deliver(sinks, live, 600_000);
    sinks.subscribed(entry, page(1));
    expect(told).toEqual(['subscribed at 1', 2, 'lost 3 until 5']);
  });

  it('is told of publications that the store has left out, but for those that the answer covers', () => {
    const { sinks, entry, told } = asked();
    deliver(sinks, 1);
    sinks.lost('news', 9);
    sinks.subscribed(entry, page(7));
    sinks.lost('news', 9);
    deliver(sinks, 10);
    sinks.lost('news', 12);
    expect(told).toEqual(['subscribed at 7', 'lost 2 until 9', 10, 'lost 2 until 12']);
  });

  it('is not told of losses from before its subscription', () => {
    const { sinks, entry, told } = asked();
    sinks.lost('news', 7);
    sinks.subscribed(entry, page(7));
    expect(told).toEqual(['subscribed at 7']);
  });
});

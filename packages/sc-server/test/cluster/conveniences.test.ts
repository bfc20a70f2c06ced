import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, rawSocket, waitFor, type RawSocket } from 'sc-testkit';
import { controller, startCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

interface Place {
  readonly worker: number;
  readonly socketId: string;
}

async function ask(raw: RawSocket, procedure: string, data?: unknown): Promise<unknown> {
  return ((await raw.call(procedure, data)) as { data?: unknown }).data;
}

describe('in a cluster of two workers', () => {
  it('users get events, subscribers are listed, one socket is left out, and a token is turned away', async () => {
    const { connect, url, cluster } = await startCluster({
      workerController: controller('conveniences.cjs'),
      workers: 2,
      stores: 1,
    });
    cleanup.add(cluster, (one) => one.close());
    // One client on each worker at least.
    const clients: { raw: RawSocket; place: Place }[] = [];
    await waitFor(
      async () => {
        const raw = cleanup.add(await connect(), (one) => one.terminate());
        clients.push({ raw, place: (await ask(raw, 'where')) as Place });
        return new Set(clients.map(({ place }) => place.worker)).size === 2;
      },
      { what: 'clients on both workers', deadlineMs: 30_000 },
    );
    const author = clients[0];
    const other = clients.find(({ place }) => place.worker !== author?.place.worker);
    if (author === undefined || other === undefined) throw new Error('Two clients');

    for (const { raw } of [author, other]) await ask(raw, 'login', 'ada');
    await ask(author.raw, 'emitToUser', ['ada', 'invoice', { number: 7 }]);
    for (const { raw } of [author, other]) {
      expect(await raw.next(({ event }) => event === 'invoice')).toEqual({ event: 'invoice', data: { number: 7 } });
    }

    for (const { raw } of [author, other]) await raw.call('#subscribe', 'chat');
    const listed = (await ask(author.raw, 'subscribers', 'chat')) as unknown[];
    expect(listed).toHaveLength(2);
    for (const { place } of [author, other]) expect(listed).toContainEqual({ socketId: place.socketId, user: 'ada' });

    await ask(author.raw, 'publishExcept', ['chat', 'not for me']);
    await other.raw.next(
      ({ event, data }) => event === '#publish' && (data as { data?: unknown }).data === 'not for me',
    );
    await other.raw.call('#publish', { channel: 'chat', data: 'for all' });
    await author.raw.next(({ event, data }) => event === '#publish' && (data as { data?: unknown }).data === 'for all');
    expect(author.raw.frames.filter(({ event }) => event === '#publish')).toHaveLength(1);

    const banned = cleanup.add(await rawSocket(url), (one) => one.terminate());
    const authToken = (await ask(author.raw, 'sign', 'mallory')) as string;
    void banned.handshake(authToken).catch(() => undefined);
    expect(await banned.closed).toEqual({ code: 4403, reason: 'Banned' });
  });
});

import { statSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataServer } from '../src/index.js';
import type { NdataClientOptions, NdataServerOptions } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const secret = 's'.repeat(32);
const folders = new TempFolders();
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  folders.remove();
});

async function serve(options: NdataServerOptions): Promise<NdataServer> {
  const server = new NdataServer(options);
  await server.listen();
  open.push(server);
  return server;
}

function client(options: NdataClientOptions): NdataClient {
  const made = new NdataClient(options);
  open.push(made);
  return made;
}

describe('a link to a store', () => {
  it('gives a publication to its own publisher when it is subscribed, in order', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    const a = client({ socketPath });
    const received: string[] = [];
    a.onPayload = (channel, payload) => received.push(`${channel} ${Buffer.from(payload).toString()}`);
    await a.subscribe('news');
    await Promise.all(['1', '2', '3'].map((text) => a.publishPayload('news', Buffer.from(text))));
    expect(received).toEqual(['news 1', 'news 2', 'news 3']);
  });

  it('keeps payloads as they came, however many follow', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    const [a, b] = [client({ socketPath }), client({ socketPath })];
    const received: Uint8Array[] = [];
    a.onPayload = (_channel, payload) => received.push(payload);
    await a.subscribe('news');
    const payloads = Array.from({ length: 600 }, (_, i) => Buffer.alloc(1 + ((i * 37) % 700), i));
    for (let i = 0; i < payloads.length; i += 60) {
      await Promise.all(payloads.slice(i, i + 60).map((payload) => b.publishPayload('news', payload)));
    }
    await b.publishPayload('news', Buffer.alloc(300_000, 7));
    await waitFor('all', () => received.length === payloads.length + 1);
    expect(received.slice(0, -1).map((each) => Buffer.from(each))).toEqual(payloads);
    expect(Buffer.from(received.at(-1)!).equals(Buffer.alloc(300_000, 7))).toBe(true);
  });

  it('keeps its socket file private', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(socketPath.slice(0, -'/s.sock'.length)).mode & 0o777).toBe(0o700);
  });

  it('refuses a second store on the same socket file', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    await expect(serve({ socketPath })).rejects.toMatchObject({ code: 'SC_START' });
  });

  it.each([
    ['the clients of before', 2],
    ['more clients than come back', 3],
  ])(
    'delivers what waited in one client to another that comes back later, when the store expects %s',
    async (_who, returningClients) => {
      const socketPath = folders.socketPath();
      const first = await serve({ socketPath });
      const publisher = client({ socketPath, reconnectDelayMs: 1, reconnectDelayMaxMs: 1 });
      const subscriber = client({ socketPath, reconnectDelayMs: 400, reconnectDelayMaxMs: 400 });
      const received: string[] = [];
      subscriber.onPayload = (channel, payload) => received.push(`${channel} ${Buffer.from(payload).toString()}`);
      await subscriber.subscribe('news');
      await first.close();
      await waitFor(
        'the loss',
        () => subscriber.status()[0]!.state !== 'ready' && publisher.status()[0]!.state !== 'ready',
      );
      const published = ['1', '2'].map((text) => publisher.publishPayload('news', Buffer.from(text)));
      const second = await serve({ socketPath, returningClients });
      await Promise.all(published);
      await waitFor('the publications', () => received.length === 2);
      expect(received).toEqual(['news 1', 'news 2']);
      await second.close();
    },
  );

  it('does not wait for a client that stays away', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath, returningClients: 2 });
    const [a, b] = [client({ socketPath }), client({ socketPath })];
    // The second one asks for nothing more: it is back as soon as it is connected.
    await Promise.all([a.set('key', 1), b.get('key')]);
    const socketPath2 = folders.socketPath();
    await serve({ socketPath: socketPath2, returningClients: 2 });
    const alone = client({ socketPath: socketPath2 });
    await alone.set('key', 1);
    expect(await alone.get('key')).toBe(1);
  });

  it('is renewed with its subscriptions when the store comes back', async () => {
    const socketPath = folders.socketPath();
    const first = await serve({ socketPath });
    const a = client({ socketPath });
    await a.subscribe('news');
    await first.close();
    await waitFor('the loss', () => !a.isSubscribed('news'));
    const second = await serve({ socketPath });
    await waitFor('the subscription', () => a.isSubscribed('news'));
    expect(second.store.channels()).toEqual(['news']);
  });

  it('carries out what was asked while the store was away', async () => {
    const socketPath = folders.socketPath();
    const a = client({ socketPath });
    const answer = a.set('k', 1).then(() => a.get('k'));
    await serve({ socketPath });
    expect(await answer).toBe(1);
  });

  it('fails a call at its deadline when there is no store', async () => {
    const a = client({ socketPath: folders.socketPath(), callTimeoutMs: 30 });
    await expect(a.get('k')).rejects.toMatchObject({ code: 'SC_STORE_UNAVAILABLE' });
  });

  it('ends with an error when the secret is wrong, and nothing is executed', async () => {
    const server = await serve({ port: 0, secret });
    const { port } = server.address as { port: number };
    const a = client({ port, secret: 't'.repeat(32) });
    const errors: Error[] = [];
    a.on('error', (error) => errors.push(error));
    await expect(a.set('k', 1)).rejects.toMatchObject({ code: 'SC_AUTH' });
    expect(errors).toMatchObject([{ code: 'SC_AUTH' }]);
    expect(await client({ port, secret }).getAll()).toEqual({});
  });

  it('refuses TCP on other hosts without a secret', () => {
    expect(() => new NdataServer({ host: '0.0.0.0' })).toThrow('`host` must be a loopback address');
  });
});

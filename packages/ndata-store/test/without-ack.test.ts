import { afterEach, describe, expect, it } from '@jest/globals';
import { NdataClient, NdataServer, NdataStore } from '../src/index.js';
import type { NdataClientOptions, NdataServerOptions, ShardStatus } from '../src/index.js';
import { runStore } from './helpers/store-process.js';
import type { StoreProcess } from './helpers/store-process.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const open: { close(): Promise<void> }[] = [];
const processes: StoreProcess[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  for (const each of processes.splice(0)) {
    each.child.kill('SIGKILL');
    await each.exited;
  }
  folders.remove();
});

async function serve(options: NdataServerOptions): Promise<NdataServer> {
  const server = new NdataServer(options);
  await server.listen();
  open.push(server);
  return server;
}

async function spawnStore(socketPath: string): Promise<StoreProcess> {
  const store = await runStore(['--socket', socketPath]);
  processes.push(store);
  return store;
}

function connect(options: NdataClientOptions): { client: NdataClient; errors: Error[]; status: () => ShardStatus } {
  const client = new NdataClient(options);
  open.push(client);
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  return { client, errors, status: () => client.status()[0]! };
}

const payload = Buffer.from('x'.repeat(100));

describe('publications without an ack', () => {
  it('are in order with all that has one, and a failure is told', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath, maxValueBytes: 10 });
    const { client, errors } = connect({ socketPath });
    const received: string[] = [];
    client.onPayload = (channel, bytes) => received.push(`${channel} ${Buffer.from(bytes).toString()}`);
    // Before there is a link, it waits for one like every call.
    client.publishWithoutAck('other', Buffer.from('0'));
    await client.subscribe('news');
    client.publishWithoutAck('news', Buffer.from('1'));
    const published = client.publishPayload('news', Buffer.from('2'));
    client.publishWithoutAck('news', Buffer.from('3'));
    client.publishWithoutAck('news', Buffer.alloc(20_000_000));
    await published;
    await waitFor('the failure', () => errors.length > 0);
    expect(received).toEqual(['news 1', 'news 2', 'news 3']);
    expect(errors).toMatchObject([{ code: 'SC_RESOURCE_LIMIT' }]);
    expect(errors[0]!.message).toContain(
      'takes 20000019 bytes, and the store takes at most 131082 (its `maxValueBytes`',
    );
    expect(() => client.publishWithoutAck('', Buffer.alloc(0))).toThrow('channel');
    await client.close();
    client.publishWithoutAck('news', Buffer.from('4'));
    expect(errors.at(-1)).toMatchObject({ code: 'SC_INVALID_ACTION' });
  });

  it('are confirmed now and then, and none is lost while the link stands', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    const { client, errors, status } = connect({ socketPath });
    const receiver = connect({ socketPath }).client;
    let received = 0;
    receiver.onPayload = () => received++;
    await receiver.subscribe('news');
    await client.hasKey('k');
    for (let i = 0; i < 1000; i++) client.publishWithoutAck('news', payload);
    expect(status().unacked).toBe(1000);
    // Three questions went along; the rest is asked for a little later.
    await waitFor('the first answers', () => status().unacked <= 1000 - 3 * 256);
    await waitFor('the last answer', () => status().unacked === 0);
    expect(received).toBe(1000);
    expect(status()).toMatchObject({ pendingCalls: 0, refused: 0, lost: 0 });
    expect(errors).toEqual([]);
  });

  it('are confirmed before a drained client closes', async () => {
    const socketPath = folders.socketPath();
    await serve({ socketPath });
    const receiver = connect({ socketPath }).client;
    let received = 0;
    receiver.onPayload = () => received++;
    await receiver.subscribe('news');
    const { client, status } = connect({ socketPath });
    await client.hasKey('k');
    for (let i = 0; i < 10; i++) client.publishWithoutAck('news', payload);
    await client.drain();
    await waitFor('all', () => received === 10);
    expect(status()).toMatchObject({ state: 'closed', lost: 0 });
  });

  it('reveal a store that has fallen silent, and are told of as lost, once for all of them', async () => {
    const socketPath = folders.socketPath();
    const store = await spawnStore(socketPath);
    const { client, errors, status } = connect({ socketPath, callTimeoutMs: 200 });
    await waitFor('the link', () => status().state === 'ready');
    store.child.kill('SIGSTOP');
    for (let i = 0; i < 7; i++) client.publishWithoutAck('news', payload);
    await waitFor('the loss', () => status().lost === 7, 30_000);
    await waitFor('the error', () => errors.length > 0, 30_000);
    expect(errors).toMatchObject([{ code: 'SC_BAD_CONNECTION' }]);
    expect(errors[0]!.message).toContain('Publications without an ack that were lost, or may have been: 7');
    expect(status().unacked).toBe(0);
  });

  it('that were on their way to a store that was killed are counted as lost', async () => {
    const socketPath = folders.socketPath();
    const store = await spawnStore(socketPath);
    const { client, errors, status } = connect({ socketPath });
    await client.hasKey('k');
    store.child.kill('SIGSTOP');
    for (let i = 0; i < 300; i++) client.publishWithoutAck('news', payload);
    store.child.kill('SIGKILL');
    await waitFor('the error', () => errors.length > 0, 30_000);
    expect(status()).toMatchObject({ lost: 300, unacked: 0, refused: 0 });
    await spawnStore(socketPath);
    client.publishWithoutAck('news', payload);
    await client.drain();
    expect(status().lost).toBe(300);
  });

  it.each<[string, NdataClientOptions, Uint8Array | string, number]>([
    ['too many', { maxPendingCalls: 100 }, payload, 100],
    // With what each frame has around its payload.
    ['too much', { maxPendingBytes: 20_000 }, payload, 168],
    ['too much text', { maxPendingBytes: 20_000 }, '€'.repeat(100), 62],
  ])('are refused while %s of them are not confirmed', async (_what, options, payload, taken) => {
    const socketPath = folders.socketPath();
    const store = await spawnStore(socketPath);
    const { client, errors, status } = connect({ socketPath, callTimeoutMs: 60_000, ...options });
    await client.hasKey('k');
    store.child.kill('SIGSTOP');
    for (let i = 0; i < 500; i++) client.publishWithoutAck('news', payload);
    expect(status()).toMatchObject({ unacked: taken, refused: 500 - taken, lost: 500 - taken });
    await expect(client.get('k'.repeat(300))).rejects.toMatchObject({ code: 'SC_RESOURCE_LIMIT' });
    await waitFor('the error', () => errors.length > 0);
    expect(errors).toMatchObject([{ code: 'SC_RESOURCE_LIMIT' }]);
    store.child.kill('SIGCONT');
    await waitFor('the confirmation', () => status().unacked === 0, 30_000);
    client.publishWithoutAck('news', payload);
    expect(await client.get('k')).toBe(undefined);
    expect(status().lost).toBe(500 - taken);
  });

  it('of a store in this process fail by its error too', async () => {
    const store = new NdataStore({ maxValueBytes: 10 });
    const errors: Error[] = [];
    store.on('error', (error) => errors.push(error));
    const received: string[] = [];
    store.onPayload = (_channel, bytes) => received.push(Buffer.from(bytes).toString());
    await store.subscribe('news');
    store.publishWithoutAck('news', Buffer.from('1'));
    await store.hasKey('k');
    await store.close();
    store.publishWithoutAck('news', Buffer.from('2'));
    expect(received).toEqual(['1']);
    expect(errors).toMatchObject([{ code: 'SC_INVALID_ACTION' }]);
  });
});

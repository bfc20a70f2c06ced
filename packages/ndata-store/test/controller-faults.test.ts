import { afterEach, describe, expect, it } from '@jest/globals';
import { CommandList, NdataClient, NdataServer, NdataStore } from '../src/index.js';
import type { StoreController } from '../src/index.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const folders = new TempFolders();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

interface Opened {
  readonly store: NdataClient | NdataStore;
  readonly controller: StoreController;
  /** Messages of the store's `error` events. */
  readonly errors: readonly string[];
  readonly connect: () => NdataClient;
}

async function openServer(): Promise<Opened> {
  const socketPath = folders.socketPath();
  const server = new NdataServer({ socketPath });
  const errors: string[] = [];
  server.on('error', ({ message }) => errors.push(message));
  await server.listen();
  closers.push(() => server.close());
  const connect = (): NdataClient => {
    const client = new NdataClient({ socketPath });
    closers.push(() => client.close());
    return client;
  };
  return { store: connect(), controller: server.store, errors, connect };
}

function openLocal(): Promise<Omit<Opened, 'connect'>> {
  const store = new NdataStore();
  const errors: string[] = [];
  store.on('error', ({ message }) => errors.push(message));
  closers.push(() => store.close());
  return Promise.resolve({ store, controller: store.controller, errors });
}

function throwing(text: string): () => void {
  return () => {
    throw new Error(text);
  };
}

function rejecting(text: string): () => unknown {
  return () => Promise.reject(new Error(text));
}

describe.each([
  ['a store behind a link', openServer],
  ['a store in this process', openLocal],
])('listeners of the store controller that throw, in %s', (_name, open) => {
  it('leave subscribe, publish and unsubscribe as they are, and the owner is told', async () => {
    const { store, controller, errors } = await open();
    const seen: string[] = [];
    for (const event of ['subscribe', 'publish', 'unsubscribe'] as const) {
      controller.on(event, throwing(event));
      controller.once(event, throwing(`${event} once`));
      controller.on(event, (channel: string) => void seen.push(`${event} ${channel}`));
    }
    const received: unknown[] = [];
    store.on('message', (_channel, data) => received.push(data));
    await store.subscribe('news');
    await store.publish('news', 1);
    await store.publish('news', 2);
    await waitFor('both publications', () => received.length === 2);
    await store.unsubscribe('news');
    expect(received).toEqual([1, 2]);
    expect(seen).toEqual(['subscribe news', 'publish news', 'publish news', 'unsubscribe news']);
    expect(errors).toEqual([
      ...['subscribe', 'subscribe once', 'publish', 'publish once', 'publish', 'unsubscribe', 'unsubscribe once'],
    ]);
    expect(controller.channels()).toEqual([]);
  });

  it('are told of to the owner when they are async, too', async () => {
    const { store, controller, errors } = await open();
    controller.on('publish', rejecting('later'));
    await store.publish('news', 1);
    await waitFor('the error', () => errors.length === 1);
    expect(errors).toEqual(['later']);
  });

  it('do not reach who hands them a message of the owner', async () => {
    const { controller, errors } = await open();
    controller.on('masterMessage', throwing('masterMessage'));
    controller.receiveFromMaster(1);
    expect(errors).toEqual(['masterMessage']);
  });

  it('fail a message, whether they throw at once or later', async () => {
    const { store, controller, errors } = await open();
    controller.once('message', throwing('at once'));
    await expect(store.send(1)).rejects.toMatchObject({ code: 'SC_HANDLER' });
    controller.once('message', rejecting('later'));
    await expect(store.send(2)).rejects.toMatchObject({ code: 'SC_HANDLER' });
    expect(errors).toEqual(['at once', 'later']);
  });

  it('fail a message with an answer that is no value', async () => {
    const { store, controller } = await open();
    controller.once('message', (_data, respond) => respond(null, 1n));
    await expect(store.send(1)).rejects.toThrow();
  });

  it('leave the answer that a message has', async () => {
    const { store, controller, errors } = await open();
    controller.on('message', (_data, respond) => {
      respond(null, 'done');
      throw new Error('too late');
    });
    expect(await store.send(1)).toBe('done');
    expect(errors).toEqual(['too late']);
  });
});

it('a client that goes leaves nothing behind, though listeners of the store controller throw', async () => {
  const { store, controller, errors, connect } = await openServer();
  const client = connect();
  const left: string[] = [];
  let hasJoined = false;
  store.on('memberJoin', () => (hasJoined = true));
  store.on('memberLeave', (_channel, { user }) => left.push(user));
  await store.watchMembers('room');
  await client.subscribe('a');
  await client.subscribe('b');
  await client.join('room', 'me');
  await waitFor('the member', () => hasJoined);
  await client.setLastWill(new CommandList().set('lastWill', true));
  controller.on('unsubscribe', (channel) => throwing(`unsubscribe ${channel}`)());
  await client.close();
  await waitFor('the member to leave', () => left.length === 1);
  expect(await store.get('lastWill')).toBe(true);
  expect(controller.channels()).toEqual([]);
  expect(errors).toEqual(['unsubscribe a', 'unsubscribe b']);
});

it('a store in this process ends though its last will fails', async () => {
  const { store, errors } = await openLocal();
  await store.setLastWill(new CommandList().set('text', 'a').increment('text'));
  let isClosed = false;
  store.on('close', () => (isClosed = true));
  await store.close();
  expect(isClosed).toBe(true);
  expect(errors).toHaveLength(1);
});

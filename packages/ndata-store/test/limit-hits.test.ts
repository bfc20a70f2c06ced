import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeCertificate, requiredTool } from 'sc-testkit';
import { NdataClient, NdataServer, NdataStore } from '../src/index.js';
import type { NdataServerOptions, StoreLimitName } from '../src/index.js';
import { Acceptor } from '../src/server/acceptor.js';
import { commandCodes } from './helpers/command-codes.js';
import { FrameWriter } from '../src/wire/frame-writer.js';
import { wireVersion } from '../src/wire/frame.js';
import { loginHead } from '../src/wire/login.js';
import { TempFolders } from './helpers/temp-folder.js';
import { waitFor } from './helpers/wait-for.js';

const secret = 's'.repeat(32);
const folders = new TempFolders();
const closers: (() => unknown)[] = [];
const openssl = requiredTool('openssl', { for: 'TLS on links' });

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  folders.remove();
});

async function serve(options: NdataServerOptions): Promise<NdataServer> {
  const server = new NdataServer(options);
  await server.listen();
  closers.push(() => server.close());
  return server;
}

/** The limits of a server that somebody has run into. */
function hits(server: Pick<NdataServer, 'store'>): Partial<Record<StoreLimitName, number>> {
  return Object.fromEntries(Object.entries(server.store.statistics().limitHits).filter(([, count]) => count > 0));
}

function raw(where: string | number): Socket {
  const socket = typeof where === 'string' ? connect(where) : connect(where, '127.0.0.1');
  closers.push(() => socket.destroy());
  socket.on('error', () => undefined).resume();
  return socket;
}

/** A socket that has logged in to a server without a secret. */
function loggedIn(where: string): Socket {
  const socket = raw(where);
  socket.write(Buffer.concat([loginHead(wireVersion, 0, Buffer.alloc(32)), Buffer.alloc(32)]));
  return socket;
}

function client(options: ConstructorParameters<typeof NdataClient>[0]): NdataClient {
  const made = new NdataClient(options);
  closers.push(() => made.close());
  made.on('error', () => undefined);
  return made;
}

describe('the limits of a store are counted when somebody runs into them:', () => {
  it('a wrong secret, or another protocol', async () => {
    const server = await serve({ port: 0, secret });
    const { port } = server.address as { port: number };
    await expect(client({ port, secret: 't'.repeat(32) }).get('k')).rejects.toMatchObject({ code: 'SC_AUTH' });
    raw(port).write('GET / HTTP/1.1\r\n\r\n');
    await waitFor('both', () => hits(server).authFailures === 2);
    expect(hits(server)).toEqual({ authFailures: 2 });
  });

  it('more clients than are allowed', async () => {
    const socketPath = folders.socketPath();
    const server = await serve({ socketPath, maxClients: 1 });
    await client({ socketPath }).get('k');
    const second = client({ socketPath });
    await waitFor('the refusal', () => second.status()[0]!.lastError !== undefined);
    expect(Object.keys(hits(server))).toEqual(['clients']);
  });

  it('a login that does not come', async () => {
    const socketPath = folders.socketPath();
    const server = await serve({ socketPath, loginTimeoutMs: 50 });
    const silent = raw(socketPath);
    await waitFor('its end', () => silent.closed);
    expect(hits(server)).toEqual({ loginTimeout: 1 });
  });

  it('more logins than may be on their way', async () => {
    const socketPath = folders.socketPath();
    const server = await serve({ socketPath, maxPendingLogins: 2, loginTimeoutMs: 300_000 });
    const silent = [raw(socketPath), raw(socketPath)];
    await waitFor('the first two', () => silent.every((socket) => socket.bytesRead > 0));
    const third = raw(socketPath);
    await waitFor('its end', () => third.closed);
    expect(hits(server)).toEqual({ pendingLogins: 1 });
  });

  it('bytes that are no frame', async () => {
    const socketPath = folders.socketPath();
    const server = await serve({ socketPath });
    const socket = loggedIn(socketPath);
    await waitFor('the login', () => server.clients === 1);
    socket.write(Buffer.alloc(10));
    await waitFor('its end', () => socket.closed);
    expect(hits(server)).toEqual({ invalidFrames: 1 });
  });

  it('a subscriber that does not read', async () => {
    const socketPath = folders.socketPath();
    const server = await serve({ socketPath, maxPendingBytes: 1_000_000 });
    const socket = loggedIn(socketPath);
    const writer = new FrameWriter();
    writer.begin(commandCodes.subscribe, 1);
    writer.head(['news'], undefined);
    writer.end();
    socket.write(writer.take());
    socket.pause();
    await waitFor('its subscription', () => server.store.channels().length === 1);
    const publisher = client({ socketPath });
    const payload = Buffer.alloc(100_000);
    await waitFor('the limit', () => {
      publisher.publishWithoutAck('news', payload);
      return hits(server).pendingBytes !== undefined;
    });
    expect(hits(server)).toEqual({ pendingBytes: 1 });
  });

  it('writes for which there is no memory, and keys removed to make room', async () => {
    const store = new NdataStore({ maxMemoryBytes: 10_000, memoryPolicy: 'evict-volatile' });
    closers.push(() => store.close());
    await store.set('a', 'x'.repeat(6000), { ttlMs: 60_000 });
    await store.set('b', 'x'.repeat(6000));
    await expect(store.set('c', 'x'.repeat(6000))).rejects.toMatchObject({ limit: 'maxMemoryBytes' });
    const [statistics] = await store.statistics();
    expect(statistics!.limitHits).toMatchObject({ evictions: 1, memoryBytes: 1 });
  });

  it('functions that do not end', async () => {
    const store = new NdataStore({ unsafeQueryFunctions: true, queryTimeoutMs: 30 });
    closers.push(() => store.close());
    await expect(
      store.run(function () {
        for (;;);
      }),
    ).rejects.toMatchObject({ code: 'SC_STORE' });
    expect((await store.statistics())[0]!.limitHits).toMatchObject({ queryTimeout: 1 });
  });

  (openssl === undefined ? it.skip : it)('connections that do not manage to encrypt', async () => {
    const { cert, key } = makeCertificate(folders.make());
    const server = await serve({ port: 0, secret, tls: { cert, key } });
    const socket = raw((server.address as { port: number }).port);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await waitFor('its end', () => socket.closed);
    expect(hits(server)).toEqual({ tlsHandshakes: 1 });
  });
});

(openssl === undefined ? it.skip : it)(
  'a store that closes does not wait for connections that still encrypt',
  async () => {
    const { cert, key } = makeCertificate(folders.make());
    const entrance = new Acceptor({
      tls: { cert, key },
      loginTimeoutMs: 300_000,
      hasRoom: () => true,
      onSocket: () => undefined,
      onRefusal: () => undefined,
    });
    await new Promise<void>((resolve) => entrance.server.listen(0, '127.0.0.1', resolve));
    const socket = raw((entrance.server.address() as { port: number }).port);
    await waitFor('the connection', () => entrance.size === 1);
    // Longer than a test may take.
    await entrance.close(300_000);
    await waitFor('its end', () => socket.closed);
  },
);

import { describe, expect, it } from '@jest/globals';
import { waitFor, type Cleanup } from 'sc-testkit';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { publications, settled, startServer, withCleanup, withServer, type TestServer } from '../support.js';
import { tcpClient, type TcpClient } from '../tcp-client.js';

const big = 'x'.repeat(10_000);

/** A client that subscribes to "x" and then reads no more, until bytes wait for it in this process. */
async function stuckClient(cleanup: Cleanup, server: TestServer): Promise<{ client: TcpClient; socket: SCSocket }> {
  const client = await tcpClient(cleanup, server.port);
  const connected = new Promise<SCSocket>((resolve) => void server.scServer.once('connection', resolve));
  client.sendText('{"event":"#handshake","cid":1,"data":{}}');
  client.sendText('{"event":"#subscribe","cid":2,"data":{"channel":"x"}}');
  const socket = await connected;
  await waitFor(() => socket.isSubscribed('x'), { what: 'the subscription' });
  client.socket.pause();
  for (let i = 0; socket.pendingBytes <= 100_000; i++) {
    if (i > 10_000) throw new Error('The server never queued bytes for a client that does not read');
    socket.emit('filling', big);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { client, socket };
}

describe('a volatile event', () => {
  it(
    'reaches a client that keeps up',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.emit('position', [1, 2], { volatile: true });
      expect(await raw.next(({ event }) => event === 'position')).toEqual({ event: 'position', data: [1, 2] });
      expect(server.scServer.stats().limitHits.volatilePendingBytes).toBe(0);
    }),
  );

  it(
    'is dropped and counted for one that is behind, which stays connected and gets everything else',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const { client, socket } = await stuckClient(cleanup, server);
      const before = socket.pendingBytes;
      // Ten times more than may wait for one client.
      for (let i = 0; i < 1000; i++) socket.emit('position', big, { volatile: true });
      expect(socket.pendingBytes).toBe(before);
      socket.emit('last', 1);
      expect(server.scServer.stats().limitHits).toMatchObject({ volatilePendingBytes: 1000, pendingBytes: 0 });
      client.socket.resume();
      await waitFor(() => client.received().includes('"last"'), { what: 'the last event' });
      expect(client.received().includes('"position"')).toBe(false);
      expect(socket.state).toBe('open');
      await waitFor(() => socket.pendingBytes === 0, { what: 'the client to catch up' });
      socket.emit('position', 'again', { volatile: true });
      await waitFor(() => client.received().includes('"position"'), { what: 'a volatile event after that' });
    }),
  );

  it(
    'never takes what waits beyond the cap, however large it is',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxVolatilePendingBytes: 1_000_000 });
      const { socket } = await stuckClient(cleanup, server);
      socket.emit('position', 'x'.repeat(1_000_000), { volatile: true });
      expect(server.scServer.stats().limitHits).toMatchObject({ volatilePendingBytes: 1, pendingBytes: 0 });
      socket.emit('position', big, { volatile: true });
      expect(server.scServer.stats().limitHits.volatilePendingBytes).toBe(1);
      expect(socket.state).toBe('open');
    }),
  );

  it(
    'with data that cannot be encoded throws as any other',
    withServer(async (server) => {
      const { socket } = await server.connect();
      expect(() => socket.emit('n', 1n, { volatile: true })).toThrow('The data of "n" cannot be encoded');
    }),
  );
});

describe('a volatile publication', () => {
  it(
    'is the same as any other for those who keep up, watchers on the server among them',
    withServer(async (server) => {
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      const watched: unknown[] = [];
      server.scServer.exchange.subscribe('x').watch((data) => void watched.push(data));
      for (const data of [{ a: 1 }, 'text', undefined, null]) {
        await server.scServer.exchange.publish('x', data, { volatile: true });
      }
      await settled(raw);
      expect(publications(raw)).toEqual([
        { channel: 'x', data: { a: 1 } },
        { channel: 'x', data: 'text' },
        { channel: 'x' },
        { channel: 'x', data: null },
      ]);
      expect(watched).toEqual([{ a: 1 }, 'text', undefined, null]);
    }),
  );

  it(
    'is dropped for those who are behind, which no number of them closes',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      const { client, socket } = await stuckClient(cleanup, server);
      for (let i = 0; i < 150; i++) {
        await server.scServer.exchange.publish('x', big, { volatile: true });
        await waitFor(() => publications(raw).length === i + 1, { what: 'the publication at the other client' });
      }
      await server.scServer.exchange.publish('x', 'lasting');
      await waitFor(() => publications(raw).length === 151, { what: 'all of them at the other client' });
      expect(server.scServer.stats().limitHits).toMatchObject({ volatilePendingBytes: 150, pendingBytes: 0 });
      client.socket.resume();
      await waitFor(() => client.received().includes('"lasting"'), { what: 'the one that is not volatile' });
      expect(client.received().includes('#publish","data":{"channel":"x","data":"xxx')).toBe(false);
      expect(socket.state).toBe('open');
    }),
  );

  it(
    'of a client is what the line publishIn makes volatile, and is so behind the line publishOut too',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      server.scServer.addMiddleware('publishIn', (context) => {
        context.volatile = (context.data as { at?: number }).at !== undefined;
      });
      server.scServer.addMiddleware('publishOut', () => undefined);
      const { raw } = await server.connect();
      const { client } = await stuckClient(cleanup, server);
      await raw.call('#publish', { channel: 'x', data: { at: 5 } });
      await raw.call('#publish', { channel: 'x', data: { text: 'hi' } });
      client.socket.resume();
      await waitFor(() => client.received().includes('"hi"'), { what: 'the other publication' });
      expect(client.received().includes('"at":5')).toBe(false);
      expect(server.scServer.stats().limitHits.volatilePendingBytes).toBe(1);
    }),
  );

  it(
    'calls back as any other',
    withServer(async ({ scServer }) => {
      const outcome = await new Promise((resolve) => {
        void scServer.exchange.publish('x', 1, { volatile: true }, resolve);
      });
      expect(outcome).toBeNull();
    }),
  );
});

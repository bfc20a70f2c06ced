import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import type { SCSocket } from '../../../src/socket/sc-socket.js';
import { publications, startServer, withCleanup } from '../support.js';
import { tcpClient } from '../tcp-client.js';

describe('a client that stops reading', () => {
  it(
    'is closed with 4011 when maxPendingBytes wait for it; those who read get everything, and memory stays flat',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxPendingBytes: 262_144 });
      const { raw } = await server.connect();
      await raw.call('#subscribe', 'x');
      const slow = await Promise.all(Array.from({ length: 10 }, () => tcpClient(cleanup, server.port)));
      for (const client of slow) {
        client.sendText('{"event":"#handshake","cid":1,"data":{}}');
        client.sendText('{"event":"#subscribe","cid":2,"data":"x"}');
      }
      const sockets = await waitFor(
        () => {
          const all = Object.values(server.scServer.clients);
          return all.length === 11 && all.every((one) => one.isSubscribed('x')) ? all : undefined;
        },
        { what: 'the subscriptions' },
      );
      for (const client of slow) client.socket.pause();
      const codes: number[] = [];
      for (const socket of sockets) socket.on('disconnect', (code) => void codes.push(code));
      const data = 'x'.repeat(32_768);
      const before = process.memoryUsage().rss;
      let published = 0;
      while (codes.length < 10 && published < 5_000) {
        await server.scServer.exchange.publish('x', data);
        published += 1;
        await waitFor(() => publications(raw).length >= published - 4, { what: 'the reader to keep up' });
      }
      expect(codes).toEqual(Array.from({ length: 10 }, () => 4011));
      await waitFor(() => publications(raw).length === published, { what: 'everything to reach the reader' });
      expect(server.scServer.stats().limitHits.pendingBytes).toBe(10);
      expect(server.scServer.clientsCount).toBe(1);
      // The reader keeps what it got, twice: as text and decoded.
      const kept = published * data.length * 4;
      expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000 + kept);
    }),
  );

  it(
    'is the first to go when maxPendingBytesOfAll wait for all together',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxPendingBytes: 100_000_000, maxPendingBytesOfAll: 1_000_000 });
      const [slowest, slower] = await Promise.all([tcpClient(cleanup, server.port), tcpClient(cleanup, server.port)]);
      const sockets: SCSocket[] = [];
      for (const client of [slowest, slower]) {
        client.sendText('{"event":"#handshake","cid":1,"data":{}}');
        sockets.push(
          await waitFor(() => Object.values(server.scServer.clients).find((one) => !sockets.includes(one)), {
            what: 'the handshake',
          }),
        );
        client.socket.pause();
      }
      const [first, second] = sockets;
      const codes: unknown[] = [];
      first?.on('disconnect', (code) => void codes.push(['first', code]));
      second?.on('disconnect', (code) => void codes.push(['second', code]));
      const data = 'x'.repeat(10_000);
      const fill = async (socket: typeof first, bytes: number) => {
        while (socket !== undefined && socket.state === 'open' && socket.pendingBytes < bytes) {
          for (let i = 0; i < 10; i++) socket.emit('n', data);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await fill(second, 400_000);
      await fill(first, 700_000);
      await waitFor(() => codes.length > 0, { what: 'one to go' });
      expect(codes).toEqual([['first', 4011]]);
      expect(second?.state).toBe('open');
      expect(server.scServer.stats().limitHits.pendingBytesOfAll).toBe(1);
    }),
  );

  it(
    'may be sent one frame larger than the cap when nothing waits for it',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxPendingBytes: 1024 });
      const { raw, socket } = await server.connect();
      socket.emit('big', 'x'.repeat(1_000_000));
      const frame = await raw.next(({ event }) => event === 'big');
      expect(String(frame['data'])).toHaveLength(1_000_000);
    }),
  );
});

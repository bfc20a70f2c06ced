import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { Backlog } from '../../../src/websocket/backlog.js';
import { ServerCounters } from '../../../src/metrics/server-counters.js';
import { Transport, type TransportHandlers } from '../../../src/websocket/transport.js';
import { TurnQueue } from '../../../src/websocket/turn-queue.js';
import { UnfinishedMessages } from '../../../src/websocket/late-messages.js';
import { startServer, withCleanup } from '../support.js';
import { opcodes, serverFrames, tcpClient } from '../tcp-client.js';

const large = 'x'.repeat(6_000_000);
const textsIn = (bytes: Buffer) =>
  serverFrames(bytes)
    .filter(({ opcode }) => opcode === opcodes.text)
    .map(({ payload }) => payload.toString());

describe('a frame that is larger than may wait', () => {
  it.each([
    ['alone', 1],
    ['and another', 2],
  ])(
    'reaches a client that reads, with what comes before and behind it: %s',
    async (_what, times) => {
      await withCleanup(async (cleanup) => {
        const server = await startServer(cleanup, { pingInterval: 50, pingTimeout: 60_000 });
        const client = await tcpClient(cleanup, server.port);
        client.sendText('{"event":"#handshake","cid":1,"data":{"client":{"name":"test","version":"1"}}}');
        const socket = await waitFor(() => Object.values(server.scServer.clients)[0], { what: 'the handshake' });
        const codes: number[] = [];
        socket.on('disconnect', (code) => void codes.push(code));
        client.socket.pause();
        socket.emit('before', 1);
        for (let i = 0; i < times; i++) socket.emit('large', large);
        socket.emit('behind', 1);
        // Heartbeats find it waiting.
        const { framesSent } = server.scServer.stats();
        await waitFor(() => server.scServer.stats().framesSent > framesSent + 2, { what: 'pings behind it' });
        expect(socket.pendingBytes).toBeGreaterThan(1_048_576);
        client.socket.resume();
        await waitFor(() => client.received().length > times * large.length && client.received().includes('"behind"'), {
          what: 'the end',
          deadlineMs: 25_000,
        });
        const events = textsIn(client.received()).filter((text) => /"(before|large|behind)"/.test(text.slice(0, 30)));
        expect(events.map((text) => text.length)).toEqual([
          '{"event":"before","data":1}'.length,
          ...Array.from({ length: times }, () => large.length + '{"event":"large","data":""}'.length),
          '{"event":"behind","data":1}'.length,
        ]);
        expect(codes).toEqual([]);
        await waitFor(() => socket.pendingBytes === 0, { what: 'nothing to wait' });
      })();
    },
    60_000,
  );

  it(
    'is followed by the close frame of a server that closes',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      const client = await tcpClient(cleanup, server.port);
      client.sendText('{"event":"#handshake","cid":1,"data":{"client":{"name":"test","version":"1"}}}');
      const socket = await waitFor(() => Object.values(server.scServer.clients)[0], { what: 'the handshake' });
      socket.emit('large', large);
      socket.disconnect(4500, 'Bye');
      expect(await client.closeCode()).toBe(4500);
      expect(textsIn(client.received()).at(-1)?.length).toBeGreaterThan(large.length);
    }),
  );

  describe('to a client that has stopped reading', () => {
    const maxPendingBytes = 1024;
    function stalled(): { transport: Transport; given: string[]; written: () => number } {
      const given: string[] = [];
      let written = 0;
      const stream = new Duplex({
        read: () => undefined,
        // Never taken.
        write: (chunk: Buffer) => void (written += chunk.length),
      });
      const owner = {
        onSlowConsumer: (limit: string) => void given.push(limit),
        onProgress: () => undefined,
        onClose: () => undefined,
      };
      const host = {
        turn: new TurnQueue(() => undefined),
        backlog: new Backlog(Infinity),
        maxPendingBytes,
        maxVolatilePendingBytes: 0,
        onVolatileDropped: () => undefined,
        unfinished: new UnfinishedMessages(1000),
        traffic: new ServerCounters(),
      };
      const limits = { maxPayloadBytes: 1, maxFragments: 1 };
      const transport = new Transport(stream, host, owner as unknown as TransportHandlers, limits);
      return { transport, given, written: () => written };
    }

    it('closes it after ten seconds without progress', async () => {
      const { transport, given } = stalled();
      transport.send(Buffer.alloc(500_000));
      for (let i = 0; i < 199; i++) transport.onBacklogCheck();
      await new Promise((resolve) => setImmediate(resolve));
      expect(given).toEqual([]);
      transport.onBacklogCheck();
      await new Promise((resolve) => setImmediate(resolve));
      expect(given).toEqual(['pendingBytes']);
      transport.terminate();
    });

    it('closes it when more than maxPendingBytes wait behind, or too many of its kind', async () => {
      for (const behind of [Buffer.alloc(600), Buffer.alloc(32 * maxPendingBytes)]) {
        const { transport, given, written } = stalled();
        transport.send(Buffer.alloc(500_000));
        transport.send(behind);
        transport.send(behind);
        await new Promise((resolve) => setImmediate(resolve));
        expect(given).toEqual(['pendingBytes']);
        expect(written()).toBeLessThanOrEqual(65_536);
        transport.terminate();
      }
    });
  });
});

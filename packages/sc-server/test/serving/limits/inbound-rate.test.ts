import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { InboundRate } from '../../../src/limits/inbound-rate.js';
import { startServer, withCleanup, withServer } from '../support.js';
import { clientFrame, opcodes, tcpClient } from '../tcp-client.js';

describe('the frames a second of a socket', () => {
  it('may be a burst of exactly twice inboundRate; one more is too many', () => {
    const rate = new InboundRate(10);
    let exceeded = 0;
    const socket = {
      allowance: rate.burst,
      onRateExceeded: () => void (exceeded += 1),
      onRateRestored: () => undefined,
    };
    for (let i = 0; i < 20; i++) rate.spend(socket, 1);
    expect(exceeded).toBe(0);
    rate.spend(socket, 1);
    expect(exceeded).toBe(1);
    rate.stop();
  });

  it(
    'above inboundRate are slowed down, lose nothing, keep their order, and do not bother others',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const other = await server.connect();
        other.socket.handle('quick', () => 'here');
        const seen: unknown[] = [];
        socket.on('n', (data) => void seen.push(data));
        const started = performance.now();
        for (let i = 0; i < 600; i++) raw.emit('n', i);
        expect(await other.raw.call('quick')).toMatchObject({ data: 'here' });
        await waitFor(() => seen.length === 600, { what: () => `all of them; got ${seen.length}` });
        expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index));
        // 400 at once, 200 a second behind them: what the client sent too much was paid for in time, some of it later.
        expect(server.scServer.stats().limitHits.inboundRate).toBeGreaterThan(0);
        await raw.call('#unsubscribe', 'x');
        expect(performance.now() - started).toBeGreaterThan(400);
      },
      { inboundRate: 200 },
    ),
  );

  it(
    'counts each frame of a batch',
    withServer(
      async (server) => {
        const { raw } = await server.connect();
        raw.sendFrame(Array.from({ length: 25 }, () => ({ event: 'n' })));
        expect(await raw.closed).toEqual({ code: 1008, reason: 'Too many messages' });
        expect(server.scServer.stats().limitHits.inboundRate).toBe(1);
      },
      { inboundRate: 10, inboundRatePolicy: 'close' },
    ),
  );

  it(
    'with the policy close may be a burst of twice the rate; one more closes with 1008',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        let count = 0;
        socket.on('n', () => void (count += 1));
        // The handshake was one of the 20.
        raw.sendFrame(Array.from({ length: 19 }, () => ({ event: 'n' })));
        await waitFor(() => count === 19, { what: 'a burst' });
        expect(socket.state).toBe('open');
        raw.sendFrame(Array.from({ length: 21 }, () => ({ event: 'n' })));
        expect((await raw.closed).code).toBe(1008);
      },
      { inboundRate: 10, inboundRatePolicy: 'close', protocolVersion: 2 },
    ),
  );

  it(
    'counts WebSocket pings; the pongs of a client that does not read are bounded too',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { inboundRate: 0, maxPendingBytes: 65_536 });
      const client = await tcpClient(cleanup, server.port);
      client.sendText('{"event":"#handshake","cid":1,"data":{}}');
      await waitFor(() => server.scServer.clientsCount === 1, { what: 'the handshake' });
      const [socket] = Object.values(server.scServer.clients);
      client.socket.pause();
      const pings = Buffer.concat(
        Array.from({ length: 500 }, () => clientFrame(opcodes.ping, Buffer.alloc(125), true)),
      );
      const flood = () => {
        while (!client.socket.destroyed && client.socket.writableLength < 1_000_000) client.socket.write(pings);
      };
      const timer = cleanup.add(setInterval(flood, 5), clearInterval);
      await waitFor(() => socket?.state === 'closed', { what: 'the socket to be closed', deadlineMs: 20_000 });
      clearInterval(timer);
      expect(server.scServer.stats().limitHits.pendingBytes).toBe(1);
    }),
  );

  it(
    'does not close a client for silence while the server itself does not read',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const seen: unknown[] = [];
        socket.on('n', (data) => void seen.push(data));
        for (let i = 0; i < 12; i++) {
          raw.sendFrame(Array.from({ length: 10 }, () => ({ event: 'n', data: i })));
        }
        await waitFor(() => seen.length === 120, { what: () => `all of them; got ${seen.length}` });
        expect(socket.state).toBe('open');
      },
      { inboundRate: 40, pingInterval: 50, pingTimeout: 150 },
    ),
  );
});

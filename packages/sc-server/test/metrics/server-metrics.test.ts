import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { WebSocket } from 'ws';
import { SCServer } from '../../src/server/sc-server.js';
import { parseMetrics, total } from './read-metrics.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe('the metrics of a server without a cluster', () => {
  it('count bytes as they are on the wire, and messages, deliveries and calls one by one', async () => {
    const httpServer = createServer();
    const scServer = SCServer.attach(httpServer, { authKey: 'a key of thirty-two bytes or more', allowNoOrigin: true });
    cleanup.add(scServer, (server) => server.close());
    scServer.on('connection', (socket) => {
      socket.on('ask', (_data, respond) => respond(null, 'x'.repeat(1_000)));
      socket.on('never', () => undefined);
    });
    await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
    const { port } = httpServer.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${port}/socketcluster/`, { perMessageDeflate: false });
    await new Promise((resolve) => client.once('open', resolve));
    // Of `ws`, which has no public name for it.
    const { _socket: stream } = client as unknown as { readonly _socket: Socket };
    const before = { read: stream.bytesRead, written: stream.bytesWritten };
    const received: string[] = [];
    client.on('message', (message: Buffer) => received.push(message.toString()));
    const frames = [
      { event: '#handshake', data: {}, cid: 1 },
      { event: '#subscribe', data: { channel: 'room' }, cid: 2 },
      { event: 'ask', cid: 3 },
      { event: 'missing', cid: 4 },
      { event: 'never', cid: 5 },
      { event: 'never' },
      { event: '#publish', data: { channel: 'room', data: 'ü'.repeat(200) }, cid: 6 },
    ];
    for (const frame of frames) {
      client.send(JSON.stringify(frame));
      const { cid = 0 } = frame;
      const isAnswered = () => received.some((text) => text.includes(`"rid":${cid}`));
      if (cid !== 0 && frame.event !== 'never') await waitFor(isAnswered, { what: `the answer to ${frame.event}` });
    }
    for (let i = 0; i < 20; i++) void scServer.exchange.publish('room', i);
    const deliveries = () => received.filter((text) => text.includes('"#publish"')).length;
    await waitFor(() => deliveries() === 21, { what: 'every delivery' });
    client.close(1000);
    await new Promise((resolve) => client.once('close', resolve));
    await waitFor(() => scServer.stats().clients === 0, { what: 'the end of the client' });
    const samples = parseMetrics(scServer.metrics());
    const of = (name: string, labels = {}) => total(samples, name, labels);
    expect(of('sc_received_bytes_total')).toBe(stream.bytesWritten - before.written);
    expect(of('sc_sent_bytes_total')).toBe(stream.bytesRead - before.read);
    expect(of('sc_messages_sent_total')).toBe(received.length);
    expect(of('sc_messages_received_total')).toBe(frames.length);
    expect(of('sc_deliveries_total')).toBe(21);
    expect(of('sc_calls_total')).toBe(3);
    for (const outcome of ['ok', 'noHandler', 'abandoned']) expect(of('sc_calls_total', { outcome })).toBe(1);
    expect(of('sc_connections_total')).toBe(1);
    expect(of('sc_closes_total', { code: 1000 })).toBe(1);
    expect(of('sc_process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(scServer.metrics({ format: 'openmetrics' })).toContain('# TYPE sc_connections counter\n');
  });
});

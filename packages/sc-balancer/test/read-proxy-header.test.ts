import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeProxyHeader, readProxyHeader } from '../src/index.js';
import type { ReadProxyHeaderOptions } from '../src/index.js';
import { cleanUp, closeOf, until } from './support.js';

const header = encodeProxyHeader({
  command: 'proxy',
  source: { address: '203.0.113.9', port: 4711 },
  destination: { address: '203.0.113.1', port: 443 },
  tls: { clientVerified: false, version: 'TLSv1.3' },
});
const request = Buffer.from('GET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');

/** A server that answers with what it sees of its client, behind PROXY headers. */
async function serve(
  options: ReadProxyHeaderOptions = {},
): Promise<{ port: number; problems: unknown[]; open: Set<Socket> }> {
  const problems: unknown[] = [];
  const open = new Set<Socket>();
  const httpServer = createHttpServer(({ socket, url }, response) => {
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort } = socket;
    const encrypted = 'encrypted' in socket;
    response.end(JSON.stringify({ url, remoteAddress, remotePort, remoteFamily, localAddress, localPort, encrypted }));
  });
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
    readProxyHeader(connection, options).then(
      () => httpServer.emit('connection', connection),
      (error: unknown) => problems.push(error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(() => {
    server.close();
    for (const connection of open) connection.destroy();
  });
  return { port: (server.address() as AddressInfo).port, problems, open };
}

/** Sends the chunks one after the other, each in its own segment, and resolves with all that comes back. */
async function exchange(port: number, chunks: readonly Buffer[], { end = false } = {}): Promise<string> {
  const client = connect({ port, host: '127.0.0.1', noDelay: true });
  cleanUp(() => client.destroy());
  let text = '';
  client.on('data', (data: Buffer) => (text += data.toString()));
  const closed = closeOf(client);
  await once(client, 'connect');
  for (const chunk of chunks) {
    if (client.destroyed) break;
    client.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (end) client.end();
  await closed;
  return text.slice(text.indexOf('{'));
}

const seen = {
  url: '/hello',
  remoteAddress: '203.0.113.9',
  remotePort: 4711,
  remoteFamily: 'IPv4',
  localAddress: '203.0.113.1',
  localPort: 443,
  encrypted: true,
};

describe('Reading a PROXY header', () => {
  it('makes a plain HTTP server see the client', async () => {
    const { port, problems } = await serve();
    expect(JSON.parse(await exchange(port, [header, request]))).toEqual(seen);
    expect(problems).toEqual([]);
  });

  it('works however the bytes are cut', async () => {
    const { port } = await serve();
    const all = Buffer.concat([header, request]);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: all.length - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const edges = [0, ...at.sort((a, b) => a - b), all.length];
        const chunks = edges.slice(1).map((edge, i) => all.subarray(edges[i], edge));
        expect(JSON.parse(await exchange(port, chunks))).toEqual(seen);
      }),
      { numRuns: 150 },
    );
  });

  it('works byte by byte', async () => {
    const { port } = await serve();
    const bytes = [...Buffer.concat([header, request])].map((byte) => Buffer.from([byte]));
    expect(JSON.parse(await exchange(port, bytes))).toEqual(seen);
  });

  it('leaves the addresses alone when the header has none', async () => {
    const { port } = await serve();
    const local = encodeProxyHeader({ command: 'local' });
    expect(JSON.parse(await exchange(port, [local, request]))).toMatchObject({
      remoteAddress: '127.0.0.1',
      encrypted: false,
    });
  });

  it('destroys what is garbage, and keeps serving', async () => {
    const { port, problems, open } = await serve();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 400 }), async (garbage) => {
        expect(await exchange(port, [Buffer.from(garbage)])).toBe('');
      }),
      { numRuns: 100 },
    );
    expect(new Set(problems.map((problem) => (problem as Error).name))).toEqual(new Set(['InvalidFrameError']));
    await until(() => open.size === 0, 'every connection is closed');
    expect(JSON.parse(await exchange(port, [header, request]))).toEqual(seen);
  });

  it('destroys a connection whose header is late', async () => {
    const { port, problems } = await serve({ timeoutMs: 50 });
    expect(await exchange(port, [header.subarray(0, 20)])).toBe('');
    expect(problems).toMatchObject([{ name: 'TimeoutError', message: 'The PROXY header did not come in time' }]);
  });

  it('destroys a connection that ends in its header', async () => {
    const { port, problems } = await serve();
    expect(await exchange(port, [header.subarray(0, 20)], { end: true })).toBe('');
    expect(problems).toMatchObject([
      { name: 'InvalidFrameError', message: 'The connection ended before its PROXY header' },
    ]);
  });

  it('destroys the connection of a peer that is not trusted', async () => {
    const { port, problems } = await serve({ trusted: (connection) => connection.remoteAddress === '192.0.2.1' });
    expect(await exchange(port, [header, request])).toBe('');
    expect(problems).toMatchObject([{ message: 'The peer may not send a PROXY header' }]);
  });
});

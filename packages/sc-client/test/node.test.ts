import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { STATUS_CODES, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDeadline } from 'sc-testkit';
import { type WebSocket, WebSocketServer } from 'ws';
import { msgpackCodec } from '../src/msgpack.js';
import { clients, heard } from './support/clients.js';

const use = clients();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Answers every call with its own data, in MessagePack. */
function echo(webSocket: WebSocket): void {
  webSocket.on('message', (message: Buffer) => {
    const { event, data, cid } = msgpackCodec.decode(message) as { event: string; data: unknown; cid: number };
    const answer = event === '#handshake' ? { id: 'x', isAuthenticated: false, pingTimeout: 20_000 } : data;
    webSocket.send(msgpackCodec.encode({ rid: cid, data: answer }) as Uint8Array);
  });
}

describe('the entry for Node', () => {
  it('passes wsOptions on to ws', async () => {
    const { peer } = await use.pair({ wsOptions: { headers: { 'x-from': 'a test' } } });
    expect(peer.headers['x-from']).toBe('a test');
  });

  it('connects to a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sc-client-'));
    closing.push(() => rmSync(directory, { recursive: true }));
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    closing.push(() => new Promise((resolve) => http.close(resolve)));
    server.on('connection', (webSocket, request) => {
      closing.push(() => webSocket.terminate());
      webSocket.send(JSON.stringify({ event: 'url', data: request.url }));
    });
    const socketPath = join(directory, 'server.sock');
    http.listen(socketPath);
    await once(http, 'listening');
    const socket = use.connect({ port: 1 }, { wsOptions: { socketPath }, query: 'a=1' });
    expect(await new Promise((resolve) => socket.on('url', resolve))).toBe('/socketcluster/?a=1');
  });

  it.each<[number, Record<string, string>, string, string]>([
    [
      403,
      { 'Content-Type': 'text/plain' },
      'Origin http://a is not allowed\n',
      '403 Forbidden (Origin http://a is not allowed)',
    ],
    [503, { 'Content-Type': 'text/plain' }, 'Service Unavailable', '503 Service Unavailable'],
    [401, { 'Content-Type': 'text/plain' }, 'x'.repeat(100_000), `401 Unauthorized (${'x'.repeat(1024)})`],
    [
      404,
      { 'Content-Type': 'text/html' },
      '<p>Nothing',
      '404 Not Found; check the options `hostname`, `port` and `path`',
    ],
    [200, {}, 'Hello', '200 OK; check the options `hostname`, `port` and `path`'],
    [301, { Location: 'https://b/' }, '', '301 Moved Permanently; redirects are not followed, connect to https://b/'],
  ])('tells the status %i and the text of a refusal', async (status, headers, body, told) => {
    const http = createServer().on('upgrade', (_request, stream) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}Connection: close\r\n`;
      stream.end(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      stream.on('error', () => undefined);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    closing.push(() => new Promise((resolve) => http.close(resolve)));
    const socket = use.connect(http.address() as { port: number }, { autoReconnect: false });
    const call = socket.invoke('anything').catch((error: unknown) => error);
    const [code, reason, error] = await heard(socket, 'connectAbort');
    expect([code, reason]).toStrictEqual([1006, `Unexpected server response: ${told}`]);
    expect(error).toMatchObject({ statusCode: status, message: reason });
    socket.destroy();
    expect(await call).toMatchObject({ name: 'AbortedError' });
  });

  it('tells of a refusal that breaks off', async () => {
    const http = createServer().on('upgrade', (_request, stream) => {
      const head = 'HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n';
      stream.end(`${head}Wait`);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    closing.push(() => new Promise((resolve) => http.close(resolve)));
    const socket = use.connect(http.address() as { port: number }, { autoReconnect: false });
    const [, reason, error] = await heard(socket, 'connectAbort');
    expect(reason).toBe('Unexpected server response: 429 Too Many Requests (Wait)');
    expect(error).toMatchObject({ statusCode: 429 });
  });

  it('keeps no process alive for a server that does not answer its close', async () => {
    const server = await use.server();
    const program = `
      const { connect } = require('sc-client');
      const socket = connect({ hostname: '127.0.0.1', port: ${server.port} });
      socket.on('connect', () => console.log('open'));
      process.stdin.once('data', () => { process.stdin.destroy(); socket.destroy(); });`;
    const child = spawn(process.execPath, ['-e', program], { cwd: import.meta.dirname });
    closing.push(() => child.kill('SIGKILL'));
    const peer = await server.nextOpen();
    await once(child.stdout, 'data');
    peer.webSocket.pause();
    child.stdin.write('destroy');
    // Without a deadline of its own it would be 30 seconds.
    await withDeadline(once(child, 'exit'), { deadlineMs: 20_000, what: 'the process to end' });
    expect(child.exitCode).toBe(0);
  });

  it('speaks MessagePack when the codec is given, and offers its subprotocol', async () => {
    const server = new WebSocketServer({ port: 0, handleProtocols: () => msgpackCodec.subprotocol ?? false });
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const offered: unknown[] = [];
    server.on('connection', (webSocket, request) => {
      closing.push(() => webSocket.terminate());
      offered.push(request.headers['sec-websocket-protocol']);
      echo(webSocket);
    });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = use.connect({ port }, { codecEngine: msgpackCodec });
    await heard(socket, 'connect');
    const data = { bytes: new Uint8Array([1, 2]), list: [1, 'two', null] };
    expect(await socket.invoke('echo', data)).toEqual(data);
    expect(offered).toStrictEqual([msgpackCodec.subprotocol]);
  });
});

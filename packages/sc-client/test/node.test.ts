import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
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

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { createCleanup } from '../src/cleanup.js';
import { rawSocket } from '../src/raw-socket.js';
import { waitFor } from '../src/wait-for.js';

const cleanup = createCleanup();
const seen: string[] = [];
let server: WebSocketServer;
let url: string;

/** Answers every call with its own data, and a refused handshake for the token `bad`. */
function answer(socket: WebSocket, text: string): void {
  seen.push(text);
  if (!text.startsWith('{')) return;
  const { event, cid, data } = JSON.parse(text) as { event: string; cid?: number; data?: { authToken?: unknown } };
  if (event === '#handshake' && data?.authToken === 'bad') {
    socket.send(JSON.stringify({ rid: cid, error: { name: 'AuthError', message: 'Bad token' } }));
  } else if (event === '#handshake') {
    socket.send(JSON.stringify({ rid: cid, data: { id: 's1', isAuthenticated: false, pingTimeout: 1 } }));
  } else if (cid !== undefined) {
    socket.send(JSON.stringify([{ event: 'before' }, { rid: cid, data }]));
  }
}

beforeEach(async () => {
  seen.length = 0;
  server = cleanup.add(new WebSocketServer({ port: 0, host: '127.0.0.1' }), (opened) => opened.close());
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => answer(socket, data.toString('utf8')));
  });
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => cleanup.run());

const open = async (...options: Parameters<typeof rawSocket> extends [unknown, ...infer Rest] ? Rest : never) =>
  cleanup.add(await rawSocket(url, ...options), (socket) => socket.terminate());

describe('rawSocket', () => {
  it('sends what it is given and keeps everything that comes', async () => {
    const socket = await open();
    socket.send('plain text');
    socket.emit('note', 1);
    await expect(socket.call('echo', { a: 1 })).resolves.toEqual({ rid: 1, data: { a: 1 } });
    expect(seen).toEqual(['plain text', '{"event":"note","data":1}', '{"event":"echo","data":{"a":1},"cid":1}']);
    expect(socket.messages).toEqual(['[{"event":"before"},{"rid":1,"data":{"a":1}}]']);
    expect(socket.frames).toEqual([{ event: 'before' }, { rid: 1, data: { a: 1 } }]);
  });

  it('returns each matching frame once', async () => {
    const socket = await open();
    await socket.call('echo', 1);
    const isBefore = (frame: Readonly<Record<string, unknown>>) => frame['event'] === 'before';
    await expect(socket.next(isBefore)).resolves.toEqual({ event: 'before' });
    await expect(socket.next(isBefore, { deadlineMs: 20, what: 'a second one' })).rejects.toThrow('a second one');
  });

  it('shakes hands, and rejects when the server refuses', async () => {
    const socket = await open();
    await expect(socket.handshake()).resolves.toEqual({ id: 's1', isAuthenticated: false, pingTimeout: 1 });
    await expect(socket.handshake('bad')).rejects.toMatchObject({ name: 'AuthError', message: 'Bad token' });
  });

  it('answers pings of every form unless told not to', async () => {
    const socket = await open();
    const [first] = [...server.clients];
    for (const ping of ['', '#1', '1']) first?.send(ping);
    await waitFor(() => seen.length === 3, { what: 'three pongs' });
    expect(seen).toEqual(['', '#2', '2']);
    expect(socket.messages).toEqual(['', '#1', '1']);

    const silent = await open({ answersPings: false });
    const second = [...server.clients].find((client) => client !== first);
    second?.send('#1');
    await waitFor(() => silent.messages.length === 1, { what: 'the ping' });
    await silent.call('echo', 0);
    expect(seen).toEqual(['', '#2', '2', '{"event":"echo","data":0,"cid":1}']);
  });

  it('tells how the server closed it', async () => {
    const socket = await open();
    for (const client of server.clients) client.close(4008, 'go away');
    await expect(socket.closed).resolves.toEqual({ code: 4008, reason: 'go away' });
  });

  it('rejects with the status when the upgrade is refused', async () => {
    const refusing = cleanup.add(createServer().listen(0, '127.0.0.1'), (http) => http.close());
    refusing.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'));
    await once(refusing, 'listening');
    const { port } = refusing.address() as AddressInfo;
    await expect(rawSocket(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ statusCode: 401 });
  });
});

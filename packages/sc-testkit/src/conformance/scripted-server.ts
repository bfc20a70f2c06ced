import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { waitFor } from '../wait-for.js';

type WireFrame = Readonly<Record<string, unknown>>;

/** The server's end of one WebSocket: sends scripted frames and records those of the client. */
export interface ScriptedSocket {
  /** Every message so far, as text. */
  readonly messages: readonly string[];
  /** Every frame so far, with batches split. */
  readonly frames: readonly WireFrame[];
  /** Close code of the WebSocket, once closed. */
  readonly closeCode: number | undefined;
  send(text: string): void;
  sendFrame(frame: unknown): void;
  /** Returns the next matching frame that was not yet returned. */
  next(matches: (frame: WireFrame) => boolean, what: string): Promise<WireFrame>;
  /** Returns the next event of this name. */
  event(name: string): Promise<WireFrame>;
  /** Responds to the handshake with these fields in addition to the default ones. */
  acceptHandshake(status?: object): Promise<WireFrame>;
  /** Responds to the next event of this name. */
  answer(name: string, response?: object): Promise<WireFrame>;
  close(code: number, reason?: string): void;
  /** Cuts the connection without a close frame. */
  terminate(): void;
}

/** A server controlled by a test. */
export interface ScriptedServer {
  readonly url: string;
  /** Number of WebSockets opened so far. */
  readonly count: number;
  /** Returns the next WebSocket that was not yet returned. */
  socket(): Promise<ScriptedSocket>;
  close(): Promise<void>;
}

export async function scriptedServer(): Promise<ScriptedServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, clientTracking: true, perMessageDeflate: false });
  await once(server, 'listening');
  const sockets: ScriptedSocket[] = [];
  let returned = 0;
  server.on('connection', (webSocket) => sockets.push(scripted(webSocket, sockets.length + 1)));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socketcluster/`,
    get count() {
      return sockets.length;
    },
    async socket() {
      const socket = await waitFor(() => sockets[returned], { what: `WebSocket ${returned + 1} of the client` });
      returned += 1;
      return socket;
    },
    async close() {
      for (const webSocket of server.clients) webSocket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function scripted(webSocket: WebSocket, number: number): ScriptedSocket {
  const messages: string[] = [];
  const frames: WireFrame[] = [];
  const returned = new Set<WireFrame>();
  let closeCode: number | undefined;
  webSocket.on('message', (data: Buffer) => {
    const text = data.toString('utf8');
    messages.push(text);
    if (!text.startsWith('{') && !text.startsWith('[')) return;
    const value = JSON.parse(text) as WireFrame | WireFrame[];
    frames.push(...(Array.isArray(value) ? value : [value]));
  });
  webSocket.on('close', (code) => (closeCode = code));
  // Followed by `close`, which is sufficient for tests.
  webSocket.on('error', () => undefined);

  const socket: ScriptedSocket = {
    messages,
    frames,
    get closeCode() {
      return closeCode;
    },
    send: (text) => webSocket.send(text),
    sendFrame: (frame) => webSocket.send(JSON.stringify(frame)),
    async next(matches, what) {
      const frame = await waitFor(() => frames.find((one) => !returned.has(one) && matches(one)), {
        what: () => `${what} on WebSocket ${number}; received ${JSON.stringify(messages)}`,
      });
      returned.add(frame);
      return frame;
    },
    event: (name) => socket.next(({ event }) => event === name, name),
    acceptHandshake: (status) =>
      socket.answer('#handshake', {
        data: { id: `conformance-${number}`, isAuthenticated: false, pingTimeout: 20_000, ...status },
      }),
    async answer(name, response = {}) {
      const frame = await socket.event(name);
      socket.sendFrame({ rid: frame['cid'], ...response });
      return frame;
    },
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
  return socket;
}

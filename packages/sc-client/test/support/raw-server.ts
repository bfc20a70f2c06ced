import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A WebSocket server that shows what a client sends, and says what a test wants. */
export interface RawServer {
  readonly port: number;
  /** Every peer that connected, in order. */
  readonly peers: readonly RawPeer[];
  /** The next peer that nobody has taken yet. */
  nextPeer(): Promise<RawPeer>;
  /** The same, after its handshake was answered. */
  nextOpen(status?: Record<string, unknown>): Promise<RawPeer>;
  close(): Promise<void>;
}

export interface RawPeer {
  readonly webSocket: WebSocket;
  readonly url: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The frame of the handshake, once it came. */
  readonly handshake: Frame | undefined;
  /** Messages that nobody has taken yet. */
  readonly waiting: readonly string[];
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The next message, as text. */
  next(): Promise<string>;
  /** The next message as a frame. */
  nextFrame(): Promise<Frame>;
  send(frame: unknown): void;
  /** Answers the handshake, which must be the next message. */
  open(status?: Record<string, unknown>): Promise<void>;
  /** Destroys the connection without a close frame. */
  cut(): void;
}

export interface Frame {
  readonly event?: string;
  readonly data?: unknown;
  readonly cid?: number;
  readonly rid?: number;
  readonly error?: unknown;
}

const deadlineMs = 15_000;

export async function startRawServer(port = 0): Promise<RawServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  const peers: RawPeer[] = [];
  const arrivals = queue<RawPeer>('a peer');
  server.on('connection', (webSocket, request) => {
    const peer = rawPeer(webSocket, request.url ?? '', request.headers);
    peers.push(peer);
    arrivals.push(peer);
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    nextPeer: () => arrivals.next(),
    async nextOpen(status) {
      const peer = await arrivals.next();
      await peer.open(status);
      return peer;
    },
    async close() {
      for (const { webSocket } of peers) webSocket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rawPeer(webSocket: WebSocket, url: string, headers: NodeJS.Dict<string | string[]>): RawPeer {
  const messages = queue<string>('a message');
  webSocket.on('message', (data: Buffer) => messages.push(data.toString()));
  webSocket.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  let handshake: Frame | undefined;
  const peer: RawPeer = {
    webSocket,
    url,
    headers,
    get handshake() {
      return handshake;
    },
    waiting: messages.waiting,
    closed,
    next: () => messages.next(),
    nextFrame: async () => JSON.parse(await messages.next()) as Frame,
    send: (frame) => webSocket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async open(status = {}) {
      handshake = await peer.nextFrame();
      if (handshake.event !== '#handshake') throw new Error(`Expected a handshake, got ${JSON.stringify(handshake)}`);
      const known = { id: 'peer-id', isAuthenticated: false, pingTimeout: 20_000 };
      peer.send({ rid: handshake.cid, data: { ...known, ...status } });
    },
    cut: () => webSocket.terminate(),
  };
  return peer;
}

function queue<Item>(what: string): { push(item: Item): void; next(): Promise<Item>; waiting: Item[] } {
  const waiting: Item[] = [];
  const readers: ((item: Item) => void)[] = [];
  return {
    waiting,
    push(item) {
      const reader = readers.shift();
      if (reader === undefined) waiting.push(item);
      else reader(item);
    },
    next() {
      const item = waiting.shift();
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Waited ${deadlineMs} ms for ${what}`)), deadlineMs);
        readers.push((arrived) => {
          clearTimeout(timer);
          resolve(arrived);
        });
      });
    },
  };
}

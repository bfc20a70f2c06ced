import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Frame } from './raw-server.js';

/** A server that keeps the promises of the protocol in the least code, and serves files by HTTP. */
export interface SmallServer {
  readonly port: number;
  readonly sockets: ReadonlySet<WebSocket>;
  /** How many connections there were. */
  connections(): number;
  /** Current number of subscribers of a channel. */
  subscribers(channel: string): number;
  /** Ends every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export interface SmallServerSettings {
  /** Bodies of files by path; their type follows the ending of the path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly pingTimeout?: number;
  /** @default any that is free */
  readonly port?: number;
  /** Signs this token for whoever calls `login`. */
  readonly token?: string;
}

export async function startSmallServer(settings: SmallServerSettings = {}): Promise<SmallServer> {
  const http = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const body = settings.files?.[path];
    const type = /\.m?js$/.test(path) ? 'text/javascript' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  const server = new WebSocketServer({ server: http });
  const channels = new Map<string, Set<WebSocket>>();
  let connections = 0;
  server.on('connection', (webSocket) => {
    connections++;
    webSocket.on('error', () => {});
    webSocket.on('close', () => {
      for (const subscribers of channels.values()) subscribers.delete(webSocket);
    });
    webSocket.on('message', (message: Buffer) => {
      const text = message.toString();
      if (text !== '') answer(JSON.parse(text) as Frame, webSocket);
    });
  });
  const pingTimer = setInterval(
    () => {
      for (const webSocket of server.clients) webSocket.send('');
    },
    (settings.pingTimeout ?? 20_000) / 4,
  );

  function answer({ event, data, cid }: Frame, webSocket: WebSocket): void {
    const send = (frame: object): void => webSocket.send(JSON.stringify(frame));
    const isOurs = (token: unknown): boolean => settings.token !== undefined && token === settings.token;
    const { channel } = Object(data) as { readonly channel?: string };
    switch (event) {
      case '#handshake': {
        const isAuthenticated = isOurs((data as { authToken: unknown }).authToken);
        const status = { id: `small-${connections}`, isAuthenticated, pingTimeout: settings.pingTimeout ?? 20_000 };
        send({ rid: cid, data: status });
        break;
      }
      case '#authenticate':
        send({ rid: cid, data: { isAuthenticated: isOurs(data) } });
        break;
      case '#subscribe':
        channels.set(channel ?? '', (channels.get(channel ?? '') ?? new Set()).add(webSocket));
        send({ rid: cid });
        break;
      case '#unsubscribe':
        channels.get(data as string)?.delete(webSocket);
        break;
      case '#publish':
        for (const subscriber of channels.get(channel ?? '') ?? []) {
          subscriber.send(JSON.stringify({ event: '#publish', data }));
        }
        if (cid !== undefined) send({ rid: cid });
        break;
      case 'login':
        send({ event: '#setAuthToken', data: { token: settings.token } });
        send({ rid: cid });
        break;
      default:
        if (cid !== undefined) send({ rid: cid, data });
    }
  }

  http.listen({ port: settings.port ?? 0, host: '127.0.0.1', backlog: 4096 });
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    sockets: server.clients,
    connections: () => connections,
    subscribers: (channel) => channels.get(channel)?.size ?? 0,
    cut: () => {
      for (const webSocket of server.clients) webSocket.terminate();
    },
    async close() {
      clearInterval(pingTimer);
      for (const webSocket of server.clients) webSocket.terminate();
      server.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { announceReady, type WireEvent } from './ready.js';

interface UwsSocket {
  send(message: string): void;
  subscribe(topic: string): void;
}
interface UwsApp {
  ws(path: string, behavior: object): UwsApp;
  publish(topic: string, message: string): void;
  listen(host: string, port: number, callback: (token: unknown) => void): void;
}
interface Uws {
  App(): UwsApp;
  us_socket_local_port(token: unknown): number;
}

const uws = createRequire(import.meta.url)(process.env['SC_BENCH_UWS'] ?? 'uWebSockets.js') as Uws;
const app = uws.App();
const decoder = new TextDecoder();

app.ws('/*', {
  maxPayloadLength: 65_536,
  message(ws: UwsSocket, message: ArrayBuffer) {
    const { event, data, cid } = JSON.parse(decoder.decode(message)) as WireEvent;
    if (event === '#publish') {
      const { channel, data: published } = data as { channel: string; data: unknown };
      app.publish(channel, JSON.stringify({ event: '#publish', data: { channel, data: published } }));
    } else if (event === '#subscribe') {
      ws.subscribe((data as { channel: string }).channel);
      ws.send(JSON.stringify({ rid: cid }));
    } else if (event === '#handshake') {
      ws.send(JSON.stringify({ rid: cid, data: { id: randomBytes(15).toString('base64url') } }));
    } else {
      ws.send(JSON.stringify({ rid: cid, data }));
    }
  },
});
app.listen('127.0.0.1', 0, (token) => announceReady([uws.us_socket_local_port(token)]));

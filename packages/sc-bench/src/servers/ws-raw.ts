import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { createHttpServer, listen } from './http-server.js';
import type { WireEvent } from './ready.js';

// The reference: a minimal server based on the package ws. Encodes and frames each publication once and writes the
// frame to every subscriber.
const channels = new Map<string, Set<Duplex>>();
const httpServer = createHttpServer();
const server = new WebSocketServer({ server: httpServer, clientTracking: false, perMessageDeflate: false });

server.on('connection', (ws: WebSocket, request) => {
  const stream = request.socket;
  let subscriptions: string[] | undefined;
  ws.on('message', (message: Buffer) => {
    const { event, data, cid } = JSON.parse(message.toString()) as WireEvent;
    if (event === '#publish') {
      const { channel, data: published } = data as { channel: string; data: unknown };
      const frame = frameText(JSON.stringify({ event: '#publish', data: { channel, data: published } }));
      for (const subscriber of channels.get(channel) ?? []) subscriber.write(frame);
    } else if (event === '#subscribe') {
      const { channel } = data as { channel: string };
      let subscribers = channels.get(channel);
      if (subscribers === undefined) channels.set(channel, (subscribers = new Set()));
      subscribers.add(stream);
      (subscriptions ??= []).push(channel);
      ws.send(JSON.stringify({ rid: cid }));
    } else if (event === '#handshake') {
      ws.send(JSON.stringify({ rid: cid, data: { id: randomBytes(15).toString('base64url') } }));
    } else {
      ws.send(JSON.stringify({ rid: cid, data }));
    }
  });
  ws.on('close', () => {
    for (const channel of subscriptions ?? []) channels.get(channel)?.delete(stream);
  });
});

listen(httpServer);

function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x81;
  frame[1] = length < 126 ? length : 126;
  if (start === 4) frame.writeUInt16BE(length, 2);
  frame.write(text, start);
  return frame;
}

import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { waitFor, type Cleanup } from 'sc-testkit';

/** A client made of bytes: it reads, pings and closes only when told to. */
export interface TcpClient {
  readonly socket: Socket;
  /** Everything received behind the upgrade response. */
  received(): Buffer;
  /** Sends one WebSocket frame, masked as clients must. */
  sendFrame(opcode: number, payload: Buffer | string, isFinal?: boolean): void;
  sendText(text: string): void;
  /** The code of the server's close frame, once there is one. */
  closeCode(): Promise<number>;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Opens a WebSocket by hand. With `isReading: false` nothing is read after the upgrade. */
export async function tcpClient(cleanup: Cleanup, port: number): Promise<TcpClient> {
  const socket = cleanup.add(connect(port, '127.0.0.1'), (one) => one.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = [
    'GET /socketcluster/ HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}`,
  ];
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const end = await waitFor(
    () => {
      const index = bytes.indexOf('\r\n\r\n');
      return index === -1 ? undefined : index + 4;
    },
    { what: 'the upgrade' },
  );
  const received = () => bytes.subarray(end);
  return {
    socket,
    received,
    sendFrame: (opcode, payload, isFinal = true) =>
      void socket.write(clientFrame(opcode, Buffer.from(payload), isFinal)),
    sendText: (text) => void socket.write(clientFrame(opcodes.text, Buffer.from(text), true)),
    closeCode: () => waitFor(() => closeCodeIn(received()), { what: 'a close frame' }),
  };
}

export function clientFrame(opcode: number, payload: Buffer, isFinal: boolean): Buffer {
  const first = (isFinal ? 0x80 : 0) | opcode;
  const mask = Buffer.from([1, 2, 3, 4]);
  const length =
    payload.length < 126
      ? Buffer.from([first, 0x80 | payload.length])
      : payload.length < 65_536
        ? Buffer.from([first, 0x80 | 126, payload.length >> 8, payload.length & 0xff])
        : Buffer.concat([Buffer.from([first, 0x80 | 127]), bigLength(payload.length)]);
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return Buffer.concat([length, mask, masked]);
}

function bigLength(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

/** Walks the server's frames up to a close frame. */
export function closeCodeIn(bytes: Buffer): number | undefined {
  for (const { opcode, payload } of serverFrames(bytes)) {
    if (opcode === opcodes.close) return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
  }
  return undefined;
}

/** The whole frames that a server sent. */
export function serverFrames(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames: { opcode: number; payload: Buffer }[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = bytes[at + 1] ?? 0;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + header > bytes.length) break;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (at + header + length > bytes.length) break;
    frames.push({
      opcode: (bytes[at] ?? 0) & 0x0f,
      payload: bytes.subarray(at + header, at + header + length),
    });
    at += header + length;
  }
  return frames;
}

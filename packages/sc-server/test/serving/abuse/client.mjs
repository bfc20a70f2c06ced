// A WebSocket client made of bytes: it counts what it is sent, and keeps nothing.
import { once } from 'node:events';
import { connect } from 'node:net';

export async function tcp(port) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

export function upgradeHead(port, headers = []) {
  const key = Buffer.alloc(16, 1).toString('base64');
  return [
    'GET /socketcluster/ HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...headers,
    '\r\n',
  ].join('\r\n');
}

/** One masked frame; the mask is zero, so the payload stays as it is. */
export function frame(payload, { opcode = 1, isFinal = true, reserved = 0 } = {}) {
  const bytes = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | reserved | opcode;
  const mask = Buffer.alloc(4);
  if (bytes.length < 126) return Buffer.concat([Buffer.from([first, 0x80 | bytes.length]), mask, bytes]);
  const long = bytes.length >= 65_536;
  const header = Buffer.alloc(long ? 10 : 4);
  header[0] = first;
  header[1] = 0x80 | (long ? 127 : 126);
  if (long) header.writeBigUInt64BE(BigInt(bytes.length), 2);
  else header.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([header, mask, bytes]);
}

export async function openClient(port, headers) {
  const socket = await tcp(port);
  const client = new Client(socket);
  socket.write(upgradeHead(port, headers));
  await client.upgraded;
  return client;
}

export async function openSocket(port) {
  const client = await openClient(port);
  client.sendFrame({ event: '#handshake', cid: 1, data: {} });
  await client.until(() => client.frames > 0, 'the handshake');
  return client;
}

class Client {
  /** Messages of the server, pings left out, and those of more than 1,000 bytes. */
  frames = 0;
  bigFrames = 0;
  closeCode;
  isClosed = false;
  #head = Buffer.alloc(0);
  #skip = 0;
  #small;
  #isUpgraded = false;

  constructor(socket) {
    this.socket = socket;
    this.upgraded = new Promise((resolve) => {
      this.resolveUpgraded = resolve;
    });
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('close', () => {
      this.isClosed = true;
      this.resolveUpgraded();
    });
  }

  sendFrame(value) {
    this.socket.write(frame(JSON.stringify(value)));
  }

  async until(condition, what, deadlineMs = 30_000) {
    const deadline = performance.now() + deadlineMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`Waited too long for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #read(chunk) {
    let at = 0;
    if (!this.#isUpgraded) {
      this.#head = Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end === -1) return;
      chunk = this.#head.subarray(end + 4);
      this.#head = Buffer.alloc(0);
      this.#isUpgraded = true;
      this.resolveUpgraded();
    }
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, chunk.length - at);
        if (this.#small !== undefined) this.#small = Buffer.concat([this.#small, chunk.subarray(at, at + taken)]);
        at += taken;
        this.#skip -= taken;
        if (this.#skip === 0 && this.#small !== undefined) this.#control(this.#small);
        continue;
      }
      at += this.#header(chunk, at);
    }
  }

  /** Reads the header of a frame, or as much of it as is there; returns how much of the chunk it was. */
  #header(chunk, at) {
    const before = this.#head.length;
    const head = before === 0 ? chunk.subarray(at) : Buffer.concat([this.#head, chunk.subarray(at, at + 10)]);
    const short = head[1];
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (head.length < 2 || head.length < size) {
      this.#head = head;
      return chunk.length - at;
    }
    const length = short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
    const opcode = head[0] & 0x0f;
    this.#head = Buffer.alloc(0);
    this.#skip = length;
    this.#small = opcode === 8 ? Buffer.alloc(0) : undefined;
    if (opcode === 1) this.#message(length);
    return size - before;
  }

  #message(length) {
    // The ping of protocol 2 is an empty message, and so is its answer.
    if (length === 0) this.socket.write(frame(''));
    else this.frames += 1;
    if (length > 1000) this.bigFrames += 1;
  }

  #control(payload) {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.socket.end();
  }
}

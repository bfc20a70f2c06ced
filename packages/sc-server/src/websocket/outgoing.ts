/** Server-side WebSocket data frames (RFC 6455 §5.2): final, unmasked, never compressed. */

/** One encoded frame, several joined frames, or the text of a message that is framed when it is written. */
export type Outgoing = Buffer | string;

const textHeader = 0x81;
const binaryHeader = 0x82;
const pongHeader = 0x8a;

/** Hot path. Frames a text message that consists of `start`, `bytes` in UTF-8, and `end`. The bytes are copied. */
export function frameAround(start: string, bytes: Uint8Array, end: Uint8Array): Buffer {
  const startLength = Buffer.byteLength(start);
  const length = startLength + bytes.length + end.length;
  const frame = Buffer.allocUnsafe(headerBytes(length) + length);
  let position = writeHeader(frame, 0, textHeader, length);
  position += frame.write(start, position, startLength, 'utf8');
  frame.set(bytes, position);
  frame.set(end, position + bytes.length);
  return frame;
}

/** Frames the output of a codec. */
export function frameMessage(message: string | Uint8Array | ArrayBuffer): Buffer {
  if (typeof message === 'string') return joinOutgoing([message], outgoingBytes(message));
  const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
  const frame = Buffer.allocUnsafe(headerBytes(bytes.length) + bytes.length);
  frame.set(bytes, writeHeader(frame, 0, binaryHeader, bytes.length));
  return frame;
}

/** Number of bytes on the wire. */
export function outgoingBytes(outgoing: Outgoing): number {
  if (typeof outgoing !== 'string') return outgoing.length;
  const length = Buffer.byteLength(outgoing);
  return headerBytes(length) + length;
}

/** Hot path. Concatenates all items into one buffer of `length` bytes, framing texts. */
export function joinOutgoing(list: readonly Outgoing[], length: number): Buffer {
  const joined = Buffer.allocUnsafe(length);
  let position = 0;
  for (const outgoing of list) {
    if (typeof outgoing === 'string') {
      const textLength = Buffer.byteLength(outgoing);
      position = writeHeader(joined, position, textHeader, textLength);
      position += joined.write(outgoing, position, textLength, 'utf8');
    } else {
      joined.set(outgoing, position);
      position += outgoing.length;
    }
  }
  return joined;
}

/** Frames the pong for a WebSocket ping. Its data is at most 125 bytes. */
export function framePong(data: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + data.length);
  frame[0] = pongHeader;
  frame[1] = data.length;
  frame.set(data, 2);
  return frame;
}

function headerBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Returns the offset of the payload. */
function writeHeader(target: Buffer, position: number, first: number, length: number): number {
  target[position] = first;
  if (length < 126) {
    target[position + 1] = length;
    return position + 2;
  }
  if (length < 65_536) {
    target[position + 1] = 126;
    return target.writeUInt16BE(length, position + 2);
  }
  target[position + 1] = 127;
  target.writeUInt32BE(Math.floor(length / 2 ** 32), position + 2);
  return target.writeUInt32BE(length >>> 0, position + 6);
}

/** Server-side WebSocket data frames (RFC 6455 §5.2): final, unmasked, never compressed. */

/** A ready frame, several joined, or the text of a message that is framed when it leaves. */
export type Outgoing = Buffer | string;

const textHeader = 0x81;
const binaryHeader = 0x82;
const pongHeader = 0x8a;

/** Hot path: frames a text message of `start`, bytes that are UTF-8 already, and `end`. The bytes are copied. */
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

/** Frames what a codec returned. */
export function frameMessage(message: string | Uint8Array | ArrayBuffer): Buffer {
  if (typeof message === 'string') return joinOutgoing([message], outgoingBytes(message));
  const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
  const frame = Buffer.allocUnsafe(headerBytes(bytes.length) + bytes.length);
  frame.set(bytes, writeHeader(frame, 0, binaryHeader, bytes.length));
  return frame;
}

/** How many bytes it has as it leaves. */
export function outgoingBytes(outgoing: Outgoing): number {
  if (typeof outgoing !== 'string') return outgoing.length;
  const length = Buffer.byteLength(outgoing);
  return headerBytes(length) + length;
}

/** Hot path: lays everything end to end in one buffer of `length` bytes, framing what is text. */
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

/** Frames the answer to a ping of the WebSocket protocol, whose data is at most 125 bytes. */
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

/** Returns where the payload begins. */
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

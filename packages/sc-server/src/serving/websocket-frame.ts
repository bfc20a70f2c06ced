/** Server-side WebSocket data frames (RFC 6455 §5.2): final, unmasked, never compressed. */

const textHeader = 0x81;
const binaryHeader = 0x82;
const pongHeader = 0x8a;

/** Frames one message made of `parts` laid end to end. The parts are copied. */
export function frameParts(parts: readonly Uint8Array[], binary: boolean): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const { frame, offset } = allocate(length, binary);
  let position = offset;
  for (const part of parts) {
    frame.set(part, position);
    position += part.length;
  }
  return frame;
}

/** Frames a text message. */
export function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const { frame, offset } = allocate(length, false);
  frame.write(text, offset, length, 'utf8');
  return frame;
}

/** Frames what a codec returned. */
export function frameMessage(message: string | Uint8Array | ArrayBuffer): Buffer {
  if (typeof message === 'string') return frameText(message);
  return frameParts([message instanceof ArrayBuffer ? new Uint8Array(message) : message], true);
}

/** Frames the answer to a ping of the WebSocket protocol, whose data is at most 125 bytes. */
export function framePong(data: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + data.length);
  frame[0] = pongHeader;
  frame[1] = data.length;
  frame.set(data, 2);
  return frame;
}

function allocate(length: number, binary: boolean): { frame: Buffer; offset: number } {
  const first = binary ? binaryHeader : textHeader;
  if (length < 126) {
    const frame = Buffer.allocUnsafe(2 + length);
    frame[0] = first;
    frame[1] = length;
    return { frame, offset: 2 };
  }
  if (length < 65_536) {
    const frame = Buffer.allocUnsafe(4 + length);
    frame[0] = first;
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
    return { frame, offset: 4 };
  }
  const frame = Buffer.allocUnsafe(10 + length);
  frame[0] = first;
  frame[1] = 127;
  frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
  frame.writeUInt32BE(length >>> 0, 6);
  return { frame, offset: 10 };
}

/** Bytes of a client that were read but not handled, for another reader of the same client. */
export interface UnreadInput {
  /** WebSocket frames; the last one may be incomplete. */
  readonly bytes: Buffer;
  /** Number of fragments received so far of the message that the bytes begin with; 0 if it is not fragmented. */
  readonly fragments: number;
}

const maskBit = 0x80;

/**
 * Encodes a client frame, or the received part of one. `payload` is masked with `mask`; a mask of 0 leaves it
 * unchanged.
 */
export function frameOfClient(first: number, mask: number, length: number, payload: Uint8Array): Buffer {
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(6 + extended + payload.length);
  frame[0] = first;
  frame[1] = maskBit | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.writeInt32BE(mask, 2 + extended);
  frame.set(payload, 6 + extended);
  return frame;
}

import fc from 'fast-check';

/** A frame as a client might send it, rules kept or not. */
export interface ClientFrame {
  readonly first: number;
  readonly isMasked: boolean;
  readonly payload: Uint8Array;
  /** How the length is spelled: in 7, 16 or 64 bits. At least what the length needs. */
  readonly lengthBits: 7 | 16 | 64;
}

const mask = Buffer.from([0xa1, 0x02, 0xff, 0x80]);

/** The bytes of a frame of a client (RFC 6455 §5.2). */
export function clientFrame({ first, isMasked, payload, lengthBits }: ClientFrame): Buffer {
  const { length } = payload;
  const maskBit = isMasked ? 0x80 : 0;
  let header: Buffer;
  if (lengthBits === 7 && length < 126) {
    header = Buffer.from([first, maskBit | length]);
  } else if (lengthBits !== 64 && length < 65_536) {
    header = Buffer.from([first, maskBit | 126, 0, 0]);
    header.writeUInt16BE(length, 2);
  } else {
    header = Buffer.alloc(10);
    header[0] = first;
    header[1] = maskBit | 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  if (!isMasked) return Buffer.concat([header, payload]);
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** A whole, masked frame. */
export const masked = (first: number, payload: Uint8Array | string) =>
  clientFrame({ first, isMasked: true, payload: Buffer.from(payload), lengthBits: 7 });

const payload = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ minLength: 120, maxLength: 300 }).map((text) => Buffer.from(text)) },
  // A close code, and what may follow it.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 990, max: 1020 }), fc.string({ maxLength: 9 })).map(([code, reason]) => {
      return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
    }),
  },
);

/** Mostly right frames, in an order that is mostly right too, and now and then anything. */
const frame: fc.Arbitrary<ClientFrame> = fc.record({
  first: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0x81, 0x82) },
    { weight: 4, arbitrary: fc.constantFrom(0x01, 0x02, 0x00, 0x00, 0x80) },
    { weight: 3, arbitrary: fc.constantFrom(0x89, 0x8a) },
    { weight: 1, arbitrary: fc.constantFrom(0x88, 0x09, 0x83, 0xc1, 0x8b) },
  ),
  isMasked: fc.oneof({ weight: 40, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  payload,
  lengthBits: fc.constantFrom(7, 7, 7, 16, 64),
});

/** The bytes of some frames, with a few bits turned now and then. */
export const clientBytes: fc.Arbitrary<Buffer> = fc
  .tuple(fc.array(frame, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 2 }), fc.boolean())
  .map(([frames, turns, isIntact]) => {
    const bytes = Buffer.concat(frames.map(clientFrame));
    if (!isIntact)
      for (const turn of turns)
        bytes.writeUInt8(bytes.readUInt8(turn % bytes.length) ^ (1 << (turn % 8)), turn % bytes.length);
    return bytes;
  });

/** Where bytes are cut on their way. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });

/** Pieces of a copy of the bytes. */
export function cutInto(bytes: Buffer, places: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const place of [...places, bytes.length].sort((one, other) => one - other)) {
    if (place <= from || place > bytes.length) continue;
    pieces.push(Buffer.from(bytes.subarray(from, place)));
    from = place;
  }
  return pieces;
}

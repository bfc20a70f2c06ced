/** Encodes one type-length-value field of a PROXY header. Truncates text to 255 bytes. */
export function encodeTlv(type: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8').subarray(0, 255) : value;
  const head = Buffer.alloc(3);
  head[0] = type;
  head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/**
 * Returns the values by type; of repeated types the last one wins. Returns `undefined` if a length exceeds the input.
 */
export function readTlvs(bytes: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const values = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 3 > bytes.length) return undefined;
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) return undefined;
    values.set(bytes[at] ?? 0, bytes.subarray(at + 3, end));
    at = end;
  }
  return values;
}

/**
 * Hot path. Unmasks the bytes from `start` to `end` in place (RFC 6455 §5.3). Returns the bitwise OR of all bytes:
 * below 128 the text is ASCII.
 */
export function unmask(bytes: Buffer, start: number, end: number, mask: number): number {
  const m0 = mask >>> 24;
  const m1 = (mask >>> 16) & 0xff;
  const m2 = (mask >>> 8) & 0xff;
  const m3 = mask & 0xff;
  let seen = 0;
  let at = start;
  for (const whole = end - 3; at < whole; at += 4) {
    seen |= bytes[at] = (bytes[at] ?? 0) ^ m0;
    seen |= bytes[at + 1] = (bytes[at + 1] ?? 0) ^ m1;
    seen |= bytes[at + 2] = (bytes[at + 2] ?? 0) ^ m2;
    seen |= bytes[at + 3] = (bytes[at + 3] ?? 0) ^ m3;
  }
  if (at < end) seen |= bytes[at] = (bytes[at] ?? 0) ^ m0;
  if (at + 1 < end) seen |= bytes[at + 1] = (bytes[at + 1] ?? 0) ^ m1;
  if (at + 2 < end) seen |= bytes[at + 2] = (bytes[at + 2] ?? 0) ^ m2;
  return seen;
}

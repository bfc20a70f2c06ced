/** Longest channel, event or procedure name, in UTF-8 bytes. */
export const maxNameBytes = 255;

/** Why a channel or event name cannot be used, or `undefined` when it can. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string')
    return `must be a string, got ${name === null ? 'null' : Array.isArray(name) ? 'an array' : typeof name}`;
  if (name.length === 0) return 'must not be empty';
  let bytes = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 32 || code === 127) return 'must not hold control characters';
    // A surrogate is half of a four-byte character.
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return bytes > maxNameBytes ? `must be at most ${maxNameBytes} bytes, got ${bytes}` : undefined;
}

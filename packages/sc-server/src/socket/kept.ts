import { InvalidArgumentsError } from 'sc-protocol';

/** Maximum bytes of JSON that the application may keep for one socket. */
export const maxKeptBytes = 16 * 1024;

/** Encodes a value for `keep` as JSON. Throws `InvalidArgumentsError`. */
export function checkKept(value: unknown): string {
  let json: unknown;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new InvalidArgumentsError(
      `The value of keep() must be encodable as JSON: ${(cause as Error).message}`,
      undefined,
      { cause },
    );
  }
  // `JSON.stringify` returns `undefined` for a function, although its type does not say so.
  if (typeof json !== 'string')
    throw new InvalidArgumentsError(`The value of keep() must be JSON, got ${typeof value}`);
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxKeptBytes) return json;
  throw new InvalidArgumentsError(`The value of keep() must be at most ${maxKeptBytes} bytes of JSON, got ${bytes}`);
}

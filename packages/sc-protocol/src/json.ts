/** JSON as SocketCluster writes it: binary data becomes `{"base64":true,"data":"…"}`. */

/** Values nested deeper than this are refused: `JSON.stringify` overflows the stack long after it. */
export const maxNestingDepth = 64;

/** Encodes a value. Hot path: a value without binary data costs one walk and a plain `JSON.stringify`. */
export function encodeJson(value: unknown): string {
  const text = holdsBinary(value, 0) ? JSON.stringify(value, replaceBinary) : JSON.stringify(value);
  return (text as string | undefined) ?? 'null';
}

/** Turns `{"base64":true,"data":"…"}` objects inside a decoded value into `Uint8Array`s, in place where possible. */
export function reviveBinary(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = reviveBinary(value[i]);
    return value;
  }
  const object = value as Record<string, unknown>;
  if (object['base64'] === true && typeof object['data'] === 'string' && Object.keys(object).length === 2) {
    return decodeBase64(object['data']) ?? value;
  }
  for (const key of Object.keys(object)) {
    const before = object[key];
    if (typeof before !== 'object') continue;
    const after = reviveBinary(before);
    if (after !== before)
      Object.defineProperty(object, key, { value: after, enumerable: true, configurable: true, writable: true });
  }
  return value;
}

function holdsBinary(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (depth > maxNestingDepth) throw new RangeError(`Data must not be nested deeper than ${maxNestingDepth} levels`);
  if (Array.isArray(value)) {
    for (const item of value) if (holdsBinary(item, depth + 1)) return true;
    return false;
  }
  for (const key in value) {
    if (holdsBinary((value as Record<string, unknown>)[key], depth + 1)) return true;
  }
  return false;
}

function replaceBinary(this: unknown, key: string, value: unknown): unknown {
  // A Buffer's own toJSON has run by now, so look at what stood there before it.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof ArrayBuffer) return { base64: true, data: encodeBase64(new Uint8Array(original)) };
  if (ArrayBuffer.isView(original)) {
    return {
      base64: true,
      data: encodeBase64(new Uint8Array(original.buffer, original.byteOffset, original.byteLength)),
    };
  }
  return value;
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  // In slices, because a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}

function decodeBase64(text: string): Uint8Array | undefined {
  let binary;
  try {
    binary = atob(text);
  } catch {
    return undefined; // Not base64 after all: the application's own object, left as it is.
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

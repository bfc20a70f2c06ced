import { isObject } from './is-object.js';

/** JSON encoding of SocketCluster: binary data becomes `{"base64":true,"data":"…"}`. */

/** Maximum nesting depth of data. `JSON.stringify` overflows the stack only far beyond it. */
export const maxNestingDepth = 64;

/** Levels of bare data, and of a frame around data. */
const maxLevels = maxNestingDepth + 1;

/** Levels of a reserved frame: its data may be a list, and contains the published data beside the channel name. */
const maxReservedLevels = maxLevels + 2;

/** Levels of any message: a batch of frames. */
export const maxMessageLevels = maxReservedLevels + 1;

export const tooDeep = `must not be nested deeper than ${maxNestingDepth} levels`;

/** Corrects the declared type: some values, such as `undefined`, have no JSON. */
const stringify: (value: unknown, replacer?: typeof replaceBinary) => string | undefined = JSON.stringify;

/**
 * Encodes data, or a frame other than a publish. Hot path: without binary data it takes one walk and a plain
 * `JSON.stringify`.
 */
export function encodeJson(value: unknown): string {
  return toText(value, holdsBinary(value));
}

/** Encodes a frame or a batch of frames. The other end accepts any data that this end may send. Hot path likewise. */
export function encodeJsonFrame(value: unknown): string {
  return toText(value, checkFrames(value));
}

function toText(value: unknown, isWithBinary: boolean): string {
  return (isWithBinary ? stringify(value, replaceBinary) : stringify(value)) ?? 'null';
}

/**
 * Whether a frame or batch contains binary data. Throws `RangeError` for a frame nested deeper than its kind allows.
 */
export function checkFrames(value: unknown): boolean {
  if (!Array.isArray(value)) return holdsBinary(value, levelsOf(value));
  let isWithBinary = false;
  for (const frame of value) {
    if (holdsBinary(frame, Array.isArray(frame) ? maxNestingDepth : levelsOf(frame))) isWithBinary = true;
  }
  return isWithBinary;
}

function levelsOf(frame: unknown): number {
  const { event } = Object(frame) as { readonly event?: unknown };
  return typeof event === 'string' && event.startsWith('#') ? maxReservedLevels : maxLevels;
}

/** Converts `{"base64":true,"data":"…"}` objects inside a decoded value to `Uint8Array`s, in place where possible. */
export function reviveBinary(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = reviveBinary(value[i]);
    return value;
  }
  const keys = Object.keys(value);
  if (value['base64'] === true && typeof value['data'] === 'string' && keys.length === 2) {
    return decodeBase64(value['data']) ?? value;
  }
  for (const key of keys) {
    const before = value[key];
    const after = reviveBinary(before);
    // Defined, not assigned: the key may be `__proto__`.
    if (after !== before) Object.defineProperty(value, key, { value: after });
  }
  return value;
}

/**
 * Whether the value contains binary data, as `JSON.stringify` sees it, after `toJSON`. Throws `RangeError` if it has
 * more than `left` levels of objects and arrays. Hot path.
 */
export function holdsBinary(value: unknown, left = maxLevels, key: string | number = ''): boolean {
  if (!isObject(value)) return false;
  if (isBinary(value)) return true;
  let seen = value;
  const { toJSON } = value;
  if (typeof toJSON === 'function') {
    if (value instanceof Date) return false;
    seen = toJSON.call(value, String(key)) as typeof value;
    if (!isObject(seen)) return false;
    if (isBinary(seen)) return true;
  }
  if (left <= 0) throw new RangeError(`Data ${tooDeep}`);
  if (Array.isArray(seen)) {
    for (let i = 0; i < seen.length; i++) {
      const item: unknown = seen[i];
      if (typeof item === 'object' && holdsBinary(item, left - 1, i)) return true;
    }
    return false;
  }
  for (const name in seen) {
    const item = seen[name];
    if (typeof item === 'object' && holdsBinary(item, left - 1, name)) return true;
  }
  return false;
}

export function isBinary(value: unknown): value is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function replaceBinary(this: unknown, key: string, value: unknown): unknown {
  // A Buffer's own `toJSON` has already run, so check the original value.
  const original = (this as Record<string, unknown>)[key];
  const binary = isBinary(original) ? original : value;
  if (!isBinary(binary)) return value;
  const bytes = ArrayBuffer.isView(binary)
    ? new Uint8Array(binary.buffer, binary.byteOffset, binary.byteLength)
    : new Uint8Array(binary);
  return { base64: true, data: encodeBase64(bytes) };
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  // In slices, because the number of arguments of a call is limited.
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}

/** The bytes, or `undefined` for invalid base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // Not base64: the application's own object, left unchanged.
  }
}

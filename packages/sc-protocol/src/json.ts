import { isObject } from './is-object.js';

/** JSON as SocketCluster writes it: binary data becomes `{"base64":true,"data":"…"}`. */

/** Values nested deeper than this are refused: `JSON.stringify` overflows the stack long after it. */
export const maxNestingDepth = 64;

export const tooDeep = `must not be nested deeper than ${maxNestingDepth} levels`;

/** Says what the declared type hides: some values, `undefined` among them, have no JSON. */
const stringify: (value: unknown, replacer?: typeof replaceBinary) => string | undefined = JSON.stringify;

/** Encodes a value. Hot path: a value without binary data costs one walk and a plain `JSON.stringify`. */
export function encodeJson(value: unknown): string {
  return (holdsBinary(value) ? stringify(value, replaceBinary) : stringify(value)) ?? 'null';
}

/** Turns `{"base64":true,"data":"…"}` objects inside a decoded value into `Uint8Array`s, in place where possible. */
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

/** Whether binary data is anywhere in the value. Throws `RangeError` when it is nested deeper than the limit. */
export function holdsBinary(value: unknown, depth = 0): boolean {
  if (!isObject(value)) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (depth > maxNestingDepth) throw new RangeError(`Data ${tooDeep}`);
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && holdsBinary(item, depth + 1)) return true;
    return false;
  }
  for (const key in value) {
    const item = value[key];
    if (typeof item === 'object' && holdsBinary(item, depth + 1)) return true;
  }
  return false;
}

function replaceBinary(this: unknown, key: string, value: unknown): unknown {
  // A Buffer's own toJSON has run by now, so look at what stood there before it.
  const original = (this as Record<string, unknown>)[key];
  const bytes = ArrayBuffer.isView(original)
    ? new Uint8Array(original.buffer, original.byteOffset, original.byteLength)
    : original instanceof ArrayBuffer && new Uint8Array(original);
  return bytes ? { base64: true, data: encodeBase64(bytes) } : value;
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  // In slices, because a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}

/** The bytes, or `undefined` when it is no base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // Not base64 after all: the application's own object, left as it is.
  }
}

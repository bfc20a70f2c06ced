import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import { isWellFormed } from './values.js';

/** Identifies a value in the tree: one key, or an array of keys. Numbers are non-negative integers. */
export type KeyChain = string | number | readonly (string | number)[];

/** Maximum number of keys in a chain. */
export const maxKeyChainLength = 32;
/** Maximum length of a key in UTF-8 bytes. */
export const maxKeyBytes = 1024;

/** Checks a key chain and returns its keys as strings. Throws `InvalidArgumentsError` that names the violated rule. */
export function toKeys(chain: KeyChain): string[] {
  if (!Array.isArray(chain)) return [toKey(chain)];
  const keys = chain as readonly (string | number)[];
  if (keys.length > maxKeyChainLength) {
    throw new InvalidArgumentsError(`A key chain holds at most ${maxKeyChainLength} keys, got ${keys.length}`);
  }
  return keys.map(toKey);
}

/** Like {@link toKeys}, but rejects the empty chain, which stands for the whole tree. */
export function toKeysInside(chain: KeyChain): string[] {
  const keys = toKeys(chain);
  if (keys.length === 0) throw new InvalidArgumentsError('This command needs a key chain of at least one key');
  return keys;
}

/** Returns a string that is unique to the key chain. */
export function keyChainId(keys: readonly string[]): string {
  let id = '';
  for (const key of keys) id += `${key.length}:${key}`;
  return id;
}

function toKey(key: unknown): string {
  if (typeof key === 'number') {
    if (Number.isSafeInteger(key) && key >= 0) return String(key);
    throw new InvalidArgumentsError(`A key must be a string or a non-negative integer, got ${key}`);
  }
  if (typeof key !== 'string') {
    throw new InvalidArgumentsError(`A key must be a string or a non-negative integer, got ${describe(key)}`);
  }
  // UTF-8 cannot encode a lone surrogate, so a link would change the key.
  if (!isWellFormed(key)) throw new InvalidArgumentsError('A key must not hold half of a surrogate pair');
  // A UTF-16 code unit takes at most three UTF-8 bytes, so short keys need no exact count.
  if (key.length * 3 > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes) {
    throw new InvalidArgumentsError(`A key takes at most ${maxKeyBytes} bytes, got ${Buffer.byteLength(key)}`);
  }
  return key;
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

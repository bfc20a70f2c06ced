import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import { isWellFormed } from './values.js';

/** The way to a value in the tree: one key, or an array of keys. Numbers are non-negative integers. */
export type KeyChain = string | number | readonly (string | number)[];

/** Most keys in a chain. */
export const maxKeyChainLength = 32;
/** Longest key, in UTF-8 bytes. */
export const maxKeyBytes = 1024;

/** Checks a key chain and returns its keys as strings. Throws `InvalidArgumentsError` with the rule it breaks. */
export function toKeys(chain: KeyChain): string[] {
  if (!Array.isArray(chain)) return [toKey(chain)];
  const keys = chain as readonly (string | number)[];
  if (keys.length > maxKeyChainLength) {
    throw new InvalidArgumentsError(`A key chain holds at most ${maxKeyChainLength} keys, got ${keys.length}`);
  }
  return keys.map(toKey);
}

/** As {@link toKeys}, but refuses the empty chain, which stands for the whole tree. */
export function toKeysInside(chain: KeyChain): string[] {
  const keys = toKeys(chain);
  if (keys.length === 0) throw new InvalidArgumentsError('This command needs a key chain of at least one key');
  return keys;
}

/** One text per key chain, different for different chains. */
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
  // UTF-8 has no bytes for one: a link would make another key of it.
  if (!isWellFormed(key)) throw new InvalidArgumentsError('A key must not hold half of a surrogate pair');
  // A UTF-16 unit takes at most three bytes, so short keys need no counting.
  if (key.length * 3 > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes) {
    throw new InvalidArgumentsError(`A key takes at most ${maxKeyBytes} bytes, got ${Buffer.byteLength(key)}`);
  }
  return key;
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

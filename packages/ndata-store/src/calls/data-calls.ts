import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import { toKeys, toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type {
  KeysOptions,
  RemoveOptions,
  RemoveRangeOptions,
  SetOptions,
  SpliceOptions,
  ValueOptions,
} from '../store/data-store.js';
import { encodeValue, toBytes } from '../values.js';
import { makeCall } from './call.js';
import type { Call } from './call.js';

/**
 * The commands about keys, as calls. A client sends them, a transaction collects them, a procedure runs them on the
 * spot. Each throws `InvalidArgumentsError` for arguments that cannot be sent.
 */
export const dataCalls = {
  get: (key: KeyChain): Call => makeCall('get', toKeysInside(key)),
  hasKey: (key: KeyChain): Call => makeCall('hasKey', toKeysInside(key)),
  count: (key: KeyChain): Call => makeCall('count', toKeys(key)),
  getRange: (key: KeyChain, from: string | number, to?: string | number): Call =>
    makeCall('getRange', toKeysInside(key), { from, to }),
  set: (key: KeyChain, value: unknown, options?: SetOptions | boolean): Call =>
    makeCall('set', toKeysInside(key), setOptions(options), encodeValue(value)),
  add: (key: KeyChain, value: unknown): Call => makeCall('add', toKeysInside(key), undefined, encodeValue(value)),
  concat: (key: KeyChain, value: unknown, options?: ValueOptions | boolean): Call =>
    makeCall('concat', toKeysInside(key), valueOptions(options), encodeValue(value)),
  remove: (key: KeyChain, options?: RemoveOptions | boolean): Call =>
    makeCall('remove', toKeysInside(key), valueOptions(options)),
  removeRange: (
    key: KeyChain,
    from: string | number,
    to?: string | number | RemoveRangeOptions,
    getValue?: boolean,
  ): Call => makeCall('removeRange', toKeysInside(key), removeRangeOptions(from, to, getValue)),
  splice: (key: KeyChain, options?: SpliceOptions): Call => {
    const { index, count, items, getValue } = options ?? {};
    const payload = items === undefined ? undefined : encodeValue([...items]);
    return makeCall('splice', toKeysInside(key), { index, count, getValue }, payload);
  },
  pop: (key: KeyChain, options?: ValueOptions | boolean): Call =>
    makeCall('pop', toKeysInside(key), valueOptions(options)),
  increment: (key: KeyChain, by = 1): Call => makeCall('increment', toKeysInside(key), { by }),
  compareAndSet: (key: KeyChain, expected: unknown, value: unknown): Call => {
    const before = expected === undefined ? Buffer.alloc(0) : toBytes(encodeValue(expected));
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(before.length);
    const payload = Buffer.concat([head, before, toBytes(encodeValue(value))]);
    return makeCall('compareAndSet', toKeysInside(key), undefined, payload);
  },
  expire: (key: KeyChain, seconds: number): Call => {
    if (!Number.isFinite(seconds)) throw new InvalidArgumentsError(`\`seconds\` must be a number, got ${seconds}`);
    return makeCall('expire', toKeysInside(key), { ttlMs: seconds * 1000 });
  },
  unexpire: (key: KeyChain): Call => makeCall('unexpire', toKeysInside(key)),
  getExpiry: (key: KeyChain): Call => makeCall('getExpiry', toKeysInside(key)),
  keys: (prefix: KeyChain, options?: KeysOptions): Call => makeCall('keys', toKeys(prefix), options ?? {}),
  getAll: (): Call => makeCall('getAll', []),
  removeAll: (): Call => makeCall('removeAll', []),
};

function setOptions(options: SetOptions | boolean | undefined): object | undefined {
  const settings = valueOptions(options) as SetOptions | undefined;
  const ttlMs = settings?.ttlMs;
  if (ttlMs !== undefined && !(ttlMs > 0 && ttlMs < Infinity)) {
    throw new InvalidArgumentsError(`\`ttlMs\` must be a positive number, got ${ttlMs}`);
  }
  return settings;
}

/** `true` stands for `{ getValue: true }` and anything falsy for none, as in the original. */
function valueOptions(options: object | boolean | undefined): object | undefined {
  return options === true ? { getValue: true } : options || undefined;
}

function removeRangeOptions(
  from: string | number,
  to: string | number | RemoveRangeOptions | null | undefined,
  getValue: boolean | undefined,
): object {
  if (typeof to === 'object' && to !== null) return { from, to: to.toIndex, getValue: to.getValue };
  return { from, to, getValue };
}

import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { InvalidArgumentsError, InvalidFrameError, StoreError } from 'sc-protocol';
import type { Callback } from '../callback.js';
import { closeNode } from '../data/tree-node.js';
import type { TreeNode } from '../data/tree-node.js';
import type { StoreCore } from '../core/store-core.js';
import { toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import { decodeStored, encodeValue, toBytes } from '../values.js';
import type { StoredValue } from '../values.js';
import type { CommandRequest } from '../wire/request.js';
import type { CallParts } from './call.js';
import { requireFiniteOption, requireKeys, requireValueBytes } from './checks.js';
import { chainBytes } from '../data/tree-node.js';
import { defineDataCommand } from './define.js';
import { storedFalse, storedTrue, valueOptions } from './value-options.js';
import type { ValueOptions } from './value-options.js';

/** Options of `set`. */
export interface SetOptions extends ValueOptions {
  /** Milliseconds until the key expires. If omitted, an existing expiry is unchanged. */
  readonly ttlMs?: number;
}

/** Options of `setIfAbsent`. */
export type SetIfAbsentOptions = Omit<SetOptions, 'getValue'>;

/** Options of `remove`. */
export type RemoveOptions = ValueOptions;

/** Commands that write values. */
export interface WriteCommands {
  /** Sets the value of a key, creating missing levels of the chain. A scalar on the way is replaced. */
  set(key: KeyChain, value: unknown, callback: Callback<unknown>): Promise<unknown>;
  /** Sets the value with options, as above. Resolves with the value if `getValue` is set. */
  set(key: KeyChain, value: unknown, options?: SetOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  /** Removes the key, all keys beneath it, and their expiries. A list with a hole reads as an object. */
  remove(key: KeyChain, callback: Callback<unknown>): Promise<unknown>;
  /** Removes a key. Resolves with its value if `getValue` is set. */
  remove(key: KeyChain, options?: RemoveOptions | boolean, callback?: Callback<unknown>): Promise<unknown>;
  /**
   * Sets the value, with the expiry of `ttlMs` if given, if the key does not exist. Resolves with whether it was set.
   * Use it for a lease that only one of several clients may take, or for a request that must run once.
   */
  setIfAbsent(key: KeyChain, value: unknown, callback: Callback<boolean>): Promise<boolean>;
  /** Sets the value with options, as above. */
  setIfAbsent(
    key: KeyChain,
    value: unknown,
    options?: SetIfAbsentOptions,
    callback?: Callback<boolean>,
  ): Promise<boolean>;
  /** Adds 1 to a number, 0 if the key does not exist. Resolves with the sum. */
  increment(key: KeyChain, callback: Callback<number>): Promise<number>;
  /** Adds to a number, 0 if the key does not exist. Resolves with the sum. */
  increment(key: KeyChain, by?: number, callback?: Callback<number>): Promise<number>;
  /**
   * Sets the value if the current one equals `expected`; `undefined` means no value. Resolves with whether it was set.
   */
  compareAndSet(key: KeyChain, expected: unknown, value: unknown, callback?: Callback<boolean>): Promise<boolean>;
}

export const set = defineDataCommand({
  name: 'set',
  code: 2,
  writes: true,
  required: 2,
  call: (key: KeyChain, value: unknown, options?: SetOptions | boolean): CallParts<unknown> => ({
    keys: toKeysInside(key),
    options: setOptions(options),
    payload: encodeValue(value),
  }),
  run(core, request) {
    requireKeys(request);
    const value = setValue(core, request);
    return request.options['getValue'] === true ? value : undefined;
  },
});

function setValue(core: StoreCore, request: CommandRequest): StoredValue {
  const { keys, options } = request;
  requireValueBytes(core, request);
  const value = request.stored();
  core.tree.set(keys, value);
  const ttlMs = options['ttlMs'];
  if (typeof ttlMs === 'number') core.expiry.set(keys, core.now() + ttlMs);
  return value;
}

function setOptions(options: SetOptions | boolean | undefined): SetOptions | undefined {
  const settings: SetOptions | undefined = valueOptions(options);
  const ttlMs = settings?.ttlMs;
  if (ttlMs !== undefined && !(ttlMs > 0 && ttlMs < Infinity)) {
    throw new InvalidArgumentsError(`\`ttlMs\` must be a positive number, got ${ttlMs}`);
  }
  return settings;
}

export const setIfAbsent = defineDataCommand({
  name: 'setIfAbsent',
  code: 21,
  writes: true,
  required: 2,
  call: (key: KeyChain, value: unknown, options?: SetIfAbsentOptions): CallParts<boolean> => ({
    keys: toKeysInside(key),
    options: setOptions(options),
    payload: encodeValue(value),
  }),
  run(core, request) {
    requireKeys(request);
    if (core.tree.find(request.keys) !== undefined) return storedFalse;
    // A key chain that does not exist can have an expiry; it must not apply to the new value.
    core.expiry.remove(request.keys);
    setValue(core, request);
    return storedTrue;
  },
});

export const remove = defineDataCommand({
  name: 'remove',
  code: 3,
  writes: true,
  required: 1,
  call: (key: KeyChain, options?: RemoveOptions | boolean): CallParts<unknown> => ({
    keys: toKeysInside(key),
    options: valueOptions(options),
  }),
  run(core, request) {
    requireKeys(request);
    const node = core.tree.remove(request.keys);
    if (core.expiry.size > 0) core.expiry.removeBeneath(request.keys);
    if (node === undefined || request.options['getValue'] !== true) return undefined;
    return closeNode(node);
  },
});

export const increment = defineDataCommand({
  name: 'increment',
  code: 17,
  writes: true,
  call: (key: KeyChain, by = 1): CallParts<number> => ({ keys: toKeysInside(key), options: { by } }),
  growth: (core, { keys }) => (core.tree.find(keys) === undefined ? chainBytes(keys) : 0),
  run(core, request) {
    requireKeys(request);
    const by = requireFiniteOption(request, 'by');
    const node = core.tree.find(request.keys);
    const before = node === undefined ? 0 : decodeStored(closeNode(node));
    if (typeof before !== 'number') throw new StoreError('Only a number can be incremented');
    const after = before + by;
    if (!Number.isFinite(after)) throw new StoreError('The number would be too large');
    const value = String(after);
    core.tree.set(request.keys, value);
    return value;
  },
});

/** The payload: u32 length of the expected value, the expected value, the new value. Length 0 means "no value". */
export const compareAndSet = defineDataCommand({
  name: 'compareAndSet',
  code: 18,
  writes: true,
  call(key: KeyChain, expected: unknown, value: unknown): CallParts<boolean> {
    const before = expected === undefined ? Buffer.alloc(0) : toBytes(encodeValue(expected));
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(before.length);
    return { keys: toKeysInside(key), payload: Buffer.concat([head, before, toBytes(encodeValue(value))]) };
  },
  run(core, request) {
    requireKeys(request);
    requireValueBytes(core, request);
    const payload = request.payload();
    if (payload.length < 4) throw new InvalidFrameError('The expected value is missing', { field: 'payload' });
    const valueStart = 4 + payload.readUInt32LE(0);
    if (valueStart >= payload.length) throw new InvalidFrameError('The new value is missing', { field: 'payload' });
    const expected = payload.toString('latin1', 4, valueStart);
    if (!isAsExpected(core.tree.find(request.keys), expected)) return storedFalse;
    core.tree.set(request.keys, payload.toString('latin1', valueStart));
    return storedTrue;
  },
});

function isAsExpected(node: TreeNode | undefined, expected: string): boolean {
  if (node === undefined || expected === '') return node === undefined && expected === '';
  const value = closeNode(node);
  return value === expected || isDeepStrictEqual(decodeStored(value), decodeStored(expected));
}

import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import type { Callback } from '../store.js';
import { maxKeyBytes } from '../key-chain.js';

/** The options of a call where a boolean stands for `getValue` and a callback may stand in their place. */
export function wireOptions(options: object | boolean | undefined): object | undefined {
  if (typeof options === 'boolean') return options ? { getValue: true } : undefined;
  return typeof options === 'function' ? undefined : options;
}

export function lastCallback<T>(
  options: object | boolean | Callback<T> | undefined,
  callback: Callback<T> | undefined,
): Callback<T> | undefined {
  return typeof options === 'function' ? (options as Callback<T>) : callback;
}

/** Tells the callback too, if there is one. */
export function answer<T>(promise: Promise<T>, callback: Callback<T> | undefined): Promise<T> {
  // An own chain, so that a promise nobody looks at beside the callback is no unhandled rejection.
  if (callback !== undefined) {
    promise.then(
      (value) => callback(null, value),
      (error: unknown) => callback(error as Error),
    );
  }
  return promise;
}

/** A promise of what the function promises, also when it throws. */
export function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return action();
  } catch (error) {
    return Promise.reject(error);
  }
}

export function nothing(): undefined {
  return undefined;
}

export function toChannel(channel: unknown): string {
  if (typeof channel !== 'string' || channel === '') {
    throw new InvalidArgumentsError(`A channel must be a text that is not empty, got ${typeof channel}`);
  }
  if (channel.length * 3 > maxKeyBytes && Buffer.byteLength(channel) > maxKeyBytes) {
    throw new InvalidArgumentsError(`A channel's name takes at most ${maxKeyBytes} bytes`);
  }
  return channel;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import { maxKeyBytes } from '../key-chain.js';
import type { Callback } from '../store/data-store.js';

/** An argument that may be left out in favour of the callback behind it. */
export function valueOr<T, V>(argument: T | Callback<V> | undefined): T | undefined {
  return typeof argument === 'function' ? undefined : argument;
}

/** The callback, which may stand in the place of the arguments before it. */
export function callbackOf<V>(...candidates: unknown[]): Callback<V> | undefined {
  return candidates.find((candidate) => typeof candidate === 'function') as Callback<V> | undefined;
}

/** Tells the callback too, if there is one. */
export function answer<T>(promise: Promise<unknown>, callback: Callback<T> | undefined): Promise<T> {
  // An own chain, so that a promise nobody looks at beside the callback is no unhandled rejection.
  if (callback !== undefined) {
    promise.then(
      (value) => callback(null, value as T),
      (error: unknown) => callback(error as Error),
    );
  }
  return promise as Promise<T>;
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

/** Refuses what cannot be a channel's name. */
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

import type { Callback } from '../callback.js';
import type { CallShards, ClientMethod } from '../commands/define.js';

/**
 * Runs a client method with the caller's arguments. The last one may be a callback, which may replace any optional
 * argument. An exception of the method becomes a rejection.
 */
export function runMethod(
  { required, client }: ClientMethod<never[], unknown>,
  shards: CallShards,
  args: unknown[],
): Promise<unknown> {
  const at = args.findIndex((argument, index) => index >= required && typeof argument === 'function');
  const callback = at < 0 ? undefined : (args[at] as Callback<unknown>);
  const given = at < 0 ? args : args.slice(0, at);
  return tell(
    attempt(() => (client as (shards: CallShards, ...args: unknown[]) => Promise<unknown>)(shards, ...given)),
    callback,
  );
}

/** Calls the function and turns an exception into a rejection. */
export function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return action();
  } catch (error) {
    return Promise.reject(error);
  }
}

function tell(promise: Promise<unknown>, callback: Callback<unknown> | undefined): Promise<unknown> {
  // Attach the callback on its own branch, so ignoring the returned promise does not cause an unhandled rejection.
  if (callback !== undefined) {
    promise.then(
      (value) => callback(null, value),
      (error: unknown) => callback(error as Error),
    );
  }
  return promise;
}

/** Marks a promise as handled, so that ignoring its rejection does not cause an unhandled rejection. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

/** Called once with `null` or the error. */
export type DoneCallback = (error: unknown) => void;

/**
 * Also reports the outcome to the callback; the promise may be ignored. `onFailure` receives errors that the callback
 * throws.
 */
export function withCallback(
  promise: Promise<void>,
  callback: DoneCallback | undefined,
  onFailure: (error: unknown) => void,
): Promise<void> {
  void quiet(promise);
  if (callback === undefined) return promise;
  void promise
    .then(
      () => callback(null),
      (error: unknown) => callback(error),
    )
    .catch(onFailure);
  return promise;
}

/** Marks a promise as handled, so that ignoring its rejection does not cause an unhandled rejection. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

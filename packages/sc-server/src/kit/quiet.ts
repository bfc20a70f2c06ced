/** A promise that may be left alone: a rejection nobody waits for is not an unhandled one. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

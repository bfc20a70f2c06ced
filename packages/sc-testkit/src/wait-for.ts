export interface WaitOptions {
  /** Time limit in milliseconds. @default 10000 */
  readonly deadlineMs?: number;
  /** Description of the condition, for the error. A function may describe the current state. */
  readonly what: string | (() => string);
}

const pollIntervalMs = 10;

/**
 * Waits until `condition` returns a truthy value, and returns it. A condition that throws counts as not yet met; its
 * last error is the cause of the failure at the deadline.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  options: WaitOptions,
): Promise<NonNullable<Value>> {
  const deadlineMs = options.deadlineMs ?? 10_000;
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  } while (performance.now() < end);
  throw new Error(`Waited ${deadlineMs} ms for ${wordsOf(options.what)}`, { cause });
}

/** Rejects with a clear message if `promise` has not settled in time. */
export async function withDeadline<Value>(promise: Promise<Value>, options: WaitOptions): Promise<Value> {
  const deadlineMs = options.deadlineMs ?? 10_000;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited ${deadlineMs} ms for ${wordsOf(options.what)}`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function wordsOf(what: WaitOptions['what']): string {
  return typeof what === 'function' ? what() : what;
}

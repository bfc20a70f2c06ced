import { dehydrateError } from 'sc-protocol';
import type { LogEntry } from './entry.js';

/** A chain of causes may be a ring. */
const maxCauses = 4;

/** An error for the log, with its stack and those of its causes. Total: an error may have getters that throw. */
export function describeError(error: unknown): NonNullable<LogEntry['error']> {
  try {
    const wire = dehydrateError(error);
    const stack = stackOf(error, maxCauses);
    return stack === undefined ? wire : { ...wire, stack };
  } catch {
    return { name: 'Error', message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  try {
    const { message } = error as { message?: unknown };
    return typeof message === 'string' ? message : 'An error that cannot be printed';
  } catch {
    return 'An error that cannot be printed';
  }
}

function stackOf(error: unknown, causesLeft: number): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined;
  const { stack, cause } = error;
  if (cause === undefined || causesLeft === 0) return stack;
  const below = stackOf(cause, causesLeft - 1) ?? dehydrateError(cause).message;
  return `${stack}\n[cause]: ${below}`;
}

import { dehydrateError } from 'sc-protocol';
import type { LogEntry } from './entry.js';

/** Limit for the chain of causes, which may be circular. */
const maxCauses = 4;

/**
 * Describes an error for the log, with its stack and the stacks of its causes. Never throws, although an error may have
 * getters that throw.
 */
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

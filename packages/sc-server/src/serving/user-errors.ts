import { HandlerError, MiddlewareBlockedError, dehydrateError, type WireError } from 'sc-protocol';
import type { MiddlewareLine } from './middleware-types.js';

/**
 * What a client may know of an error that the application threw. An `Error`, or a class of the application's own, was
 * meant for the caller and goes out with its name, message and code. A programming or system error was not: its text
 * may hold paths or other users' data, so the caller only learns that the handler failed.
 */
export function exposeError(error: unknown, what: string): WireError {
  return isAccident(error) ? dehydrateError(new HandlerError(`The handler of ${what} failed`)) : dehydrateError(error);
}

/** Whether the error comes from the runtime rather than from a decision of the application. */
export function isAccident(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('syscall' in error || 'errno' in error) return true;
  return [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError, AggregateError].some(
    (builtIn) => Object.getPrototypeOf(error) === builtIn.prototype,
  );
}

/** The error of an action that a middleware line refused for `reason`. */
export function blockedError(reason: unknown, line: MiddlewareLine): MiddlewareBlockedError {
  const { name, message, ...details } = exposeError(reason, `the middleware line "${line}"`);
  const error = new MiddlewareBlockedError(
    message || `Blocked by the middleware line "${line}"`,
    { line },
    { cause: reason },
  );
  if (reason instanceof Error) Object.defineProperty(error, 'name', { value: name, configurable: true });
  return Object.assign(error, details);
}

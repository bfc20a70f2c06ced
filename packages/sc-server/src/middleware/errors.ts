import { types } from 'node:util';
import { HandlerError, MiddlewareBlockedError, dehydrateError, type WireError } from 'sc-protocol';
import type { MiddlewareLine } from '../socket/middleware-contexts.js';

const builtIns: ReadonlySet<string> = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'AggregateError',
]);

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
  // Not `instanceof`: it may come from another realm.
  if (!types.isNativeError(error)) return false;
  if ('syscall' in error || 'errno' in error) return true;
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_')) return true;
  return builtIns.has(error.constructor.name);
}

/** The error of an action that a middleware line refused for `reason`. */
export function blockedError(reason: unknown, line: MiddlewareLine): MiddlewareBlockedError {
  const blocked = `Blocked by the middleware line "${line}"`;
  const given = typeof reason === 'object' || typeof reason === 'string' ? reason : blocked;
  const { name, message, ...details } = exposeError(given, `the middleware line "${line}"`);
  const error = new MiddlewareBlockedError(message === '' ? blocked : message, { line }, { cause: reason });
  if (types.isNativeError(reason)) Object.defineProperty(error, 'name', { value: name, configurable: true });
  return Object.assign(error, details);
}

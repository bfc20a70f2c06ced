import { constants } from 'node:os';
import { types } from 'node:util';
import { HandlerError, MiddlewareBlockedError, dehydrateError, isScError, type WireError } from 'sc-protocol';

/** How much of an error a client receives: all of it, its name, message and code, or only that there was one. */
type Exposure = 'whole' | 'text' | 'nothing';

/** Errors of this project that concern the server: clients receive a `HandlerError` instead. */
const aboutServer: ReadonlySet<string> = new Set([
  'SC_INVALID_OPTIONS',
  'SC_START',
  'SC_PROCESS_EXIT',
  'SC_STORE',
  'SC_ORDER',
]);

/**
 * Returns the part of a thrown value that a client may receive. Never throws.
 * - Errors of this project, including `HandlerError` and its subclasses, strings and plain objects are intended for
 *   clients and sent whole, except for errors that concern the server.
 * - Errors with `expose: true` on the error or its class, and plain instances of `Error`: name, message and code.
 * - Any other error, of a library, of the runtime or of an unmarked class: only that the handler failed. Its text and
 *   properties may contain credentials, statements, paths or other users' data.
 */
export function exposeError(error: unknown, what: string): WireError {
  try {
    switch (exposureOf(error)) {
      case 'whole':
        return dehydrateError(error);
      case 'text':
        return textOf(error as Error & { code?: unknown });
      default:
        return dehydrateError(new HandlerError(`The handler of ${what} failed`));
    }
  } catch {
    // A getter or proxy throws.
    return dehydrateError(new HandlerError(`The handler of ${what} failed`));
  }
}

/**
 * Whether a client may receive more than the fact that there was an error. Such an error is a response, not a failure.
 */
export function isForClients(error: unknown): boolean {
  try {
    return exposureOf(error) !== 'nothing';
  } catch {
    return false;
  }
}

function exposureOf(error: unknown): Exposure {
  if (typeof error === 'function') return 'nothing';
  if (typeof error !== 'object' || error === null) return 'whole';
  if (isScError(error)) return aboutServer.has(error.code) ? 'nothing' : 'whole';
  if ((error as { expose?: unknown }).expose === true) return 'text';
  if (types.isNativeError(error)) return isPlainError(error) && !isSystemError(error) ? 'text' : 'nothing';
  const prototype = Object.getPrototypeOf(error) as object | null;
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null || Array.isArray(error);
  return isPlain ? 'whole' : 'nothing';
}

/** Whether the error's class is `Error` itself, of this realm or another. */
function isPlainError(error: Error): boolean {
  const prototype = Object.getPrototypeOf(error) as Error;
  if (prototype === Error.prototype) return true;
  const above = Object.getPrototypeOf(prototype) as object | null;
  return above !== null && Object.getPrototypeOf(above) === null && prototype.constructor.name === 'Error';
}

/** Whether the error was created by Node or the operating system. */
function isSystemError(error: Error): boolean {
  if ('syscall' in error || 'errno' in error) return true;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (code.startsWith('ERR_') || Object.hasOwn(constants.errno, code));
}

function textOf({ name, message, code }: Error & { code?: unknown }): WireError {
  return dehydrateError({ name, message, ...(typeof code === 'string' && { code }) });
}

/** The error of an action that a middleware line refused for `reason`. */
export function blockedError(reason: unknown, line: string): MiddlewareBlockedError {
  const blocked = `Blocked by the middleware line "${line}"`;
  const given = typeof reason === 'object' || typeof reason === 'string' ? reason : blocked;
  const { name, message, ...details } = exposeError(given, `the middleware line "${line}"`);
  const error = new MiddlewareBlockedError(message === '' ? blocked : message, { line }, { cause: reason });
  if (types.isNativeError(reason)) Object.defineProperty(error, 'name', { value: name, configurable: true });
  return Object.assign(error, details);
}

import { ScError, withName } from './errors.js';
import { isObject } from './is-object.js';

/** An error as sent between client and server or between processes. Never contains a stack. */
export interface WireError {
  /** Name of the error. */
  readonly name: string;
  /** Human-readable text. */
  readonly message: string;
  /** Stable code, if the error has one. */
  readonly code?: string;
  /** Additional data of the error. */
  readonly [property: string]: unknown;
}

/**
 * Whether a key of an error is not sent. Includes members of every object, which would break printing if overwritten.
 */
function isHidden(key: string): boolean {
  return key in Object.prototype || /^(stack|cause|prototype)$/.test(key);
}

/** Maximum number of objects copied for one error: bounds the work and the depth of the recursion. */
const maxDetails = 256;

/**
 * Converts any thrown value to its wire form: name, message, code and the error's own enumerable data. Functions,
 * causes, stacks and repeated objects are omitted. Strings and other scalars, which middleware may pass as errors,
 * become an error with that message.
 */
export function dehydrateError(error: unknown): WireError {
  const own = nameAndMessage(error);
  return { ...own, ...copyDetails(error, new Set()), ...own };
}

/** The reverse of {@link dehydrateError}: an `Error` with the same properties, so that `instanceof Error` holds. */
export function hydrateError(wire: unknown): Error {
  const own = nameAndMessage(wire);
  const { code } = Object(wire) as { code?: unknown };
  const error = typeof code === 'string' ? new ScError(code, own.message) : new Error(own.message);
  return Object.assign(withName(error, own.name), copyDetails(wire, new Set()), own);
}

function nameAndMessage(error: unknown): { name: string; message: string } {
  const { name, message } = (isObject(error) ? error : { message: error }) as { name?: unknown; message?: unknown };
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: isScalar(message) ? String(message) : 'Unknown error',
  };
}

function isScalar(value: unknown): boolean {
  return /^(string|number|boolean)$/.test(typeof value);
}

function copyDetails(source: unknown, seen: Set<unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  if (!isObject(source)) return copy;
  seen.add(source);
  for (const [key, value] of Object.entries(source)) {
    const kept = isHidden(key) ? undefined : copyValue(value, seen);
    if (kept !== undefined) copy[key] = kept;
  }
  return copy;
}

function copyValue(value: unknown, seen: Set<unknown>): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value === null || isScalar(value)) return value;
  if (!isObject(value) || seen.has(value) || seen.size > maxDetails) return undefined;
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Error) return nameAndMessage(value);
  if (!Array.isArray(value)) return copyDetails(value, seen);
  seen.add(value);
  return value.map((item) => copyValue(item, seen) ?? null);
}

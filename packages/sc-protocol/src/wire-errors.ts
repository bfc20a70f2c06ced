import { ScError } from './errors.js';

/** An error as it travels between client and server or between processes. Never holds a stack. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly [property: string]: unknown;
}

const hidden = new Set(['stack', 'cause', '__proto__', 'constructor', 'prototype']);

/**
 * Turns anything thrown into what may be sent: name, message, code and the error's own scalar properties.
 * Strings and other scalars, which middleware may pass as errors, become an error with that message.
 */
export function dehydrateError(error: unknown): WireError {
  if (typeof error !== 'object' || error === null) {
    return { name: 'Error', message: typeof error === 'string' ? error : describe(error) };
  }
  const source = error as Record<string, unknown>;
  const wire: Record<string, unknown> = {
    name: typeof source['name'] === 'string' ? source['name'] : 'Error',
    message: typeof source['message'] === 'string' ? source['message'] : '',
  };
  for (const key of Object.keys(source)) {
    if (hidden.has(key)) continue;
    const value = source[key];
    if (value === null || typeof value === 'string' || typeof value === 'boolean') wire[key] = value;
    else if (typeof value === 'number' && Number.isFinite(value)) wire[key] = value;
  }
  return wire as WireError;
}

/** The reverse of {@link dehydrateError}: an `Error` with the same properties, so that `instanceof Error` holds. */
export function hydrateError(wire: unknown): Error {
  if (typeof wire !== 'object' || wire === null) return new Error(typeof wire === 'string' ? wire : describe(wire));
  const source = wire as Record<string, unknown>;
  const message = typeof source['message'] === 'string' ? source['message'] : 'Unknown error';
  const error: Error = typeof source['code'] === 'string' ? new ScError(source['code'], message) : new Error(message);
  for (const key of Object.keys(source)) {
    if (hidden.has(key) || key === 'message') continue;
    Object.defineProperty(error, key, {
      value: source[key],
      enumerable: key !== 'name',
      configurable: true,
      writable: true,
    });
  }
  return error;
}

function describe(value: unknown): string {
  return value === undefined ? 'Unknown error' : String(value);
}

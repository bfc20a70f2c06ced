import { InvalidArgumentsError } from './errors.js';
import { nameProblem } from './names.js';

/** Throws `InvalidArgumentsError` unless the value is a function. `what` begins the message: `A listener`. */
export function requireFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidArgumentsError(`${what} must be a function, got ${typeof value}`);
}

/** Throws `InvalidArgumentsError` if the name is invalid. `problem` may be computed beforehand. */
export function requireName(what: string, name: string, problem = nameProblem(name)): void {
  if (problem !== undefined) throw new InvalidArgumentsError(`${what} ${problem}`);
}

/** The error for data that a codec cannot encode. `what` names the carrier of the data: `"login"`. */
export function encodingError(what: string, cause: unknown): InvalidArgumentsError {
  const message = `The data of ${what} cannot be encoded: ${(cause as Error).message}`;
  return new InvalidArgumentsError(message, undefined, { cause });
}

import { InvalidArgumentsError } from './errors.js';
import { nameProblem } from './names.js';

/** Throws `InvalidArgumentsError` unless the value is a function. `what` begins the message: `A listener`. */
export function requireFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new InvalidArgumentsError(`${what} must be a function, got ${typeof value}`);
}

/** Throws `InvalidArgumentsError` when there is a problem with the name, which may be found out before. */
export function requireName(what: string, name: string, problem = nameProblem(name)): void {
  if (problem !== undefined) throw new InvalidArgumentsError(`${what} ${problem}`);
}

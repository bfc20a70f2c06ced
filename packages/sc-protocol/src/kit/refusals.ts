import { InvalidOptionsError } from '../errors.js';

/**
 * Collects what is refused in the options of one start, so that a single error reports all of it: an app that moves from
 * another version has many such options, and finds them in one start rather than in twenty.
 */
export class Refusals {
  readonly #errors: InvalidOptionsError[] = [];

  /** Adds the refusal of one option. */
  add(error: InvalidOptionsError): void {
    this.#errors.push(...(error.errors ?? [error]));
  }

  /** Runs a check, and keeps what it refuses. Returns the result, or `undefined` after a refusal. */
  run<Result>(check: () => Result): Result | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof InvalidOptionsError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Runs a check of these options, unless one of them is refused already: its value says nothing then. */
  runUnlessRefused<Result>(options: readonly string[], check: () => Result): Result | undefined {
    return this.#errors.some(({ option }) => options.includes(option ?? '')) ? undefined : this.run(check);
  }

  /** One error for all refusals, of which there must be one. A single one is returned as it is. */
  error(): InvalidOptionsError {
    const [first, ...others] = this.#errors;
    if (first === undefined) throw new Error('There is no refusal to report');
    if (others.length === 0) return first;
    const lines = this.#errors.map(({ message }) => `  ${message}`);
    const message = `${lines.length} options are refused:\n${lines.join('\n')}`;
    const error = new InvalidOptionsError(message, first.option === undefined ? {} : { option: first.option });
    return Object.assign(error, { errors: this.#errors });
  }

  /** Throws one error for all refusals, if there are any. */
  throwAny(): void {
    if (this.#errors.length > 0) throw this.error();
  }
}

/** The options that were given: neither `undefined` nor `null`, which both mean "not given". */
export function givenOptions<Options extends object>(options: Options): Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given) as Options;
}

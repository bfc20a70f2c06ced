import { InvalidOptionsError } from '../errors.js';

/**
 * Collects all invalid options of one start, so that a single error reports them together: an app that migrates from
 * another version has many, and should not need one start for each.
 */
export class Refusals {
  readonly #errors: InvalidOptionsError[] = [];

  /** Adds the error for one option. */
  add(error: InvalidOptionsError): void {
    this.#errors.push(...(error.errors ?? [error]));
  }

  /** Runs a check and collects its error. Returns the result, or `undefined` after an error. */
  run<Result>(check: () => Result): Result | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof InvalidOptionsError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Runs a check of these options, unless one of them is already refused: its value is meaningless then. */
  runUnlessRefused<Result>(options: readonly string[], check: () => Result): Result | undefined {
    return this.#errors.some(({ option }) => options.includes(option ?? '')) ? undefined : this.run(check);
  }

  /** One error for all refusals; at least one is required. A single one is returned unchanged. */
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

import { InvalidArgumentsError, MiddlewareBlockedError } from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import type { Middleware, MiddlewareContexts, MiddlewareLine, Next } from '../socket/middleware-contexts.js';
import { isThenable } from '../kit/thenable.js';
import { blockedError, isForClients } from './errors.js';

type AnyFunction = (...args: unknown[]) => unknown;
type AnyContext = MiddlewareContexts[MiddlewareLine];

/** Number of parameters of a function in the original's form for each line, including `next`. */
const legacyArity: Readonly<Record<MiddlewareLine, number>> = {
  handshake: 2,
  authenticate: 3,
  event: 4,
  subscribe: 3,
  publishIn: 4,
  publishOut: 4,
};

/** The middleware of one server. The functions of a line run one after another, each with a deadline. */
export class MiddlewareLines {
  readonly #functions = new Map<MiddlewareLine, AnyFunction[]>();
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  readonly #onRefusal: (line: MiddlewareLine) => void;

  constructor(timeoutMs: number, logger: Logger, onRefusal: (line: MiddlewareLine) => void = () => undefined) {
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
    this.#onRefusal = onRefusal;
  }

  add<Line extends MiddlewareLine>(line: Line, middleware: Middleware<Line>): void {
    if (!Object.hasOwn(legacyArity, line)) {
      const known = Object.keys(legacyArity).join(', ');
      throw new InvalidArgumentsError(`A middleware line must be one of ${known}, got ${line as string}`);
    }
    if (typeof middleware !== 'function') throw new InvalidArgumentsError('A middleware must be a function');
    const { length } = middleware;
    if (length > 2 && length !== legacyArity[line]) {
      const forms = [...new Set([1, 2, legacyArity[line]])].join(' or ');
      throw new InvalidArgumentsError(
        `A middleware of the line "${line}" must take ${forms} parameters, got ${length}`,
      );
    }
    this.#functions.set(line, [...(this.#functions.get(line) ?? []), middleware as AnyFunction]);
  }

  remove<Line extends MiddlewareLine>(line: Line, middleware: Middleware<Line>): void {
    const left = (this.#functions.get(line) ?? []).filter((one) => one !== middleware);
    if (left.length === 0) this.#functions.delete(line);
    else this.#functions.set(line, left);
  }

  /** Whether the line has any middleware. If not, it can be skipped. */
  has(line: MiddlewareLine): boolean {
    return this.#functions.has(line);
  }

  /**
   * Resolves when every function of the line has allowed the action; rejects with a `MiddlewareBlockedError` at the
   * first refusal.
   */
  async run(context: AnyContext): Promise<void> {
    for (const middleware of this.#functions.get(context.line) ?? []) {
      try {
        await this.#runOne(middleware, context);
      } catch (reason) {
        if (!isForClients(reason))
          this.#logger.error(`The middleware line "${context.line}" failed`, { error: reason });
        this.#onRefusal(context.line);
        throw blockedError(reason, context.line);
      }
    }
  }

  #runOne(middleware: AnyFunction, context: AnyContext): Promise<void> {
    const { line } = context;
    return new Promise<void>((resolve, reject) => {
      let isDecided = false;
      const timer = setTimeout(() => {
        if (!decide()) return;
        this.#logger.warn(`The middleware line "${line}" did not settle within ${this.#timeoutMs} ms`);
        // Not retryable, like any failure of middleware: only an error thrown by the application may request a retry.
        reject(new MiddlewareBlockedError(`The middleware line "${line}" timed out`, { line }));
      }, this.#timeoutMs).unref();
      // Only the first decision counts.
      const decide = (): boolean => {
        if (isDecided) return false;
        isDecided = true;
        clearTimeout(timer);
        return true;
      };
      let wasCalled = false;
      const next: Next = (reason) => {
        if (wasCalled) this.#logger.warn(`A middleware of the line "${line}" called next more than once`);
        wasCalled = true;
        if (!decide()) return;
        // Any truthy value refuses, as in the original.
        if (reason) reject(reason);
        else resolve();
      };
      const allow = () => {
        if (decide()) resolve();
      };
      const fail = (reason: unknown) => {
        if (decide()) reject(reason);
        else this.#logger.error(`A middleware of the line "${line}" failed after its decision`, { error: reason });
      };
      const usesNext = middleware.length > 1;
      try {
        const result = usesNext
          ? middleware(...legacyArguments(context, middleware.length), next)
          : middleware(context);
        if (isThenable(result)) result.then(usesNext ? undefined : allow, fail);
        else if (!usesNext) allow();
      } catch (reason) {
        fail(reason);
      }
    });
  }
}

/** The arguments before `next`: one request object, or the positional arguments of the original. */
function legacyArguments(context: AnyContext, arity: number): unknown[] {
  if (context.line === 'handshake') return [context.request];
  if (arity === 2) return [context];
  switch (context.line) {
    case 'event':
      return [context.socket, context.event, context.data];
    case 'subscribe':
      return [context.socket, context.channel];
    case 'publishIn':
    case 'publishOut':
      return [context.socket, context.channel, context.data];
    case 'authenticate':
      return [context.socket, context.authToken];
    default:
      return context satisfies never;
  }
}

import { InvalidArgumentsError, TimeoutError } from 'sc-protocol';
import type { Logger } from '../log/logger.js';
import type { Middleware, MiddlewareContexts, MiddlewareLine, Next } from './middleware-types.js';
import { blockedError, isAccident } from './user-errors.js';

type AnyFunction = (...args: unknown[]) => unknown;
type AnyContext = MiddlewareContexts[MiddlewareLine];

const lines: readonly MiddlewareLine[] = ['handshake', 'authenticate', 'event', 'subscribe', 'publishIn', 'publishOut'];

/** The middleware of one server. The functions of a line run one after another, each with a deadline. */
export class MiddlewareLines {
  readonly #functions = new Map<MiddlewareLine, AnyFunction[]>();
  readonly #timeoutMs: number;
  readonly #logger: Logger;

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
  }

  add<Line extends MiddlewareLine>(line: Line, middleware: Middleware<Line>): void {
    if (!lines.includes(line)) {
      throw new InvalidArgumentsError(`A middleware line must be one of ${lines.join(', ')}, got ${String(line)}`);
    }
    if (typeof middleware !== 'function') throw new InvalidArgumentsError('A middleware must be a function');
    this.#functions.set(line, [...(this.#functions.get(line) ?? []), middleware as AnyFunction]);
  }

  remove<Line extends MiddlewareLine>(line: Line, middleware: Middleware<Line>): void {
    const left = (this.#functions.get(line) ?? []).filter((one) => one !== middleware);
    if (left.length === 0) this.#functions.delete(line);
    else this.#functions.set(line, left);
  }

  /** Whether the line has any middleware; without, nothing needs to run. */
  has(line: MiddlewareLine): boolean {
    return this.#functions.has(line);
  }

  /** Settles when every function of the line allowed; rejects with a `MiddlewareBlockedError` at the first that did not. */
  async run(context: AnyContext): Promise<void> {
    for (const middleware of this.#functions.get(context.line) ?? []) {
      try {
        await this.#runOne(middleware, context);
      } catch (reason) {
        if (isAccident(reason)) this.#logger.error(`The middleware line "${context.line}" failed`, { error: reason });
        throw blockedError(reason, context.line);
      }
    }
  }

  #runOne(middleware: AnyFunction, context: AnyContext): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#logger.warn(`The middleware line "${context.line}" did not settle within ${this.#timeoutMs} ms`);
        reject(new TimeoutError(`The middleware line "${context.line}" timed out`));
      }, this.#timeoutMs);
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        outcome();
      };
      let wasCalled = false;
      const next: Next = (reason) => {
        if (wasCalled) {
          this.#logger.warn(`A middleware of the line "${context.line}" called next more than once`);
          return;
        }
        wasCalled = true;
        // Anything truthy refuses, as it always did.
        settle(() => (reason ? reject(reason) : resolve()));
      };
      const usesNext = middleware.length > 1;
      const fail = (reason: unknown) => settle(() => reject(reason));
      try {
        const result = usesNext
          ? middleware(...legacyArguments(context, middleware.length), next)
          : middleware(context);
        if (isThenable(result)) result.then(usesNext ? undefined : () => settle(resolve), fail);
        else if (!usesNext) settle(resolve);
      } catch (reason) {
        fail(reason);
      }
    });
  }
}

/** What stands before `next`: one request object, or the arguments of the original's lines. */
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

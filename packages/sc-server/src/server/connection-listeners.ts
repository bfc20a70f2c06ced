import type { Logger } from '../log/logger.js';
import { isThenable } from '../kit/thenable.js';

type AnyListener = (...args: never) => unknown;

/**
 * Wraps listeners of `connection` so that the server knows when asynchronous ones are done: frames of the client wait for
 * the handlers that they set.
 */
export class ConnectionListeners {
  readonly #wrapped = new WeakMap<AnyListener, AnyListener>();
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  #pending: PromiseLike<unknown>[] = [];

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
  }

  /** The wrapper to register for a listener; the same wrapper each time. */
  wrap<Listener extends AnyListener>(event: string, listener: Listener): Listener {
    if (event !== 'connection' || typeof listener !== 'function') return listener;
    const known = this.#wrapped.get(listener);
    if (known !== undefined) return known as Listener;
    const wrapped = (...args: unknown[]): unknown => {
      const result = (listener as unknown as (...all: unknown[]) => unknown)(...args);
      if (isThenable(result)) this.#pending.push(result);
      return result;
    };
    this.#wrapped.set(listener, wrapped);
    return wrapped as unknown as Listener;
  }

  /** Emits the event, and settles when all listeners are done or the time is up; `undefined` when none is asynchronous. */
  settled(socketId: string, emit: () => void): Promise<void> | undefined {
    this.#pending = [];
    emit();
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) return undefined;
    return new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        const waited = `within ${this.#timeoutMs} ms`;
        this.#logger.warn(
          `A listener of "connection" did not settle ${waited}; the frames of its socket are processed without it`,
          {
            socketId,
          },
        );
        resolve();
      }, this.#timeoutMs).unref();
      // The emitter reports rejections.
      void Promise.allSettled(pending).then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

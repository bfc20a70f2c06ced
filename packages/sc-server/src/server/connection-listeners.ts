import type { Logger } from '../log/logger.js';
import { isThenable } from '../kit/thenable.js';

type AnyListener = (...args: never) => unknown;

/**
 * Wraps listeners of `connection` to detect when asynchronous ones are done: frames of the client wait for the handlers
 * that they add.
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

  /** Returns the wrapper to register for a listener; always the same one. */
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

  /**
   * Emits the event. Settles when all listeners are done or the deadline passes; `undefined` if none is asynchronous.
   */
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
      // Rejections are reported by the emitter.
      void Promise.allSettled(pending).then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

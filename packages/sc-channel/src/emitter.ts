import { EventEmitter } from 'eventemitter3';

/** Event names and the arguments their listeners get. */
export type EventArguments<Events> = { readonly [Name in keyof Events]: readonly unknown[] };

/** Takes an error that nobody listens to. */
export type ErrorFallback = (error: unknown) => void;

/** What an object with events offers to its users. */
export interface EventSource<Events extends EventArguments<Events>> {
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): this;
  once<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): this;
  /** Removes one listener, or every listener of the event. */
  off<Name extends keyof Events & string>(event: Name, listener?: (...args: Events[Name]) => void): this;
}

/**
 * A typed emitter in which no error vanishes. An `error` event without a listener, and anything a listener throws,
 * goes to the fallback; without one it is thrown in a microtask, so that it reaches the uncaught-error handlers of
 * the process or the page. A listener that throws keeps those after it from seeing that one event, as in Node.
 */
export class Emitter<Events extends EventArguments<Events>> implements EventSource<Events> {
  readonly #events = new EventEmitter<string>();
  readonly #fallback: ErrorFallback;

  constructor(fallback: ErrorFallback = throwLater) {
    this.#fallback = fallback;
  }

  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): this {
    this.#events.on(event, listener);
    return this;
  }

  once<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): this {
    this.#events.once(event, listener);
    return this;
  }

  off<Name extends keyof Events & string>(event: Name, listener?: (...args: Events[Name]) => void): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Calls the listeners now, in the order they were added. Never throws. Says whether there was a listener. */
  emit<Name extends keyof Events & string>(event: Name, ...args: Events[Name]): boolean {
    try {
      if (this.#events.emit(event, ...args)) return true;
    } catch (error) {
      this.#fallback(error);
      return true;
    }
    if (event === 'error') this.#fallback(args[0]);
    return false;
  }

  listenerCount(event: keyof Events & string): number {
    return this.#events.listenerCount(event);
  }

  /** Removes every listener of the event, or of all events. */
  removeAllListeners(event?: keyof Events & string): this {
    this.#events.removeAllListeners(event);
    return this;
  }
}

/** Throws outside of the present call, where only the uncaught-error handlers of the process or page are left. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

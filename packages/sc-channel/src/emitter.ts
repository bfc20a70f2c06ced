import { requireFunction } from 'sc-protocol';

/** Event names and the arguments of their listeners. */
export type EventArguments<Events> = { readonly [Name in keyof Events]: readonly unknown[] };

/** Receives an error without a listener. */
export type ErrorFallback = (error: unknown) => void;

/** The event methods that an object offers to its users. */
export interface EventSource<Events extends EventArguments<Events>> {
  /** Adds a listener. */
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => unknown): this;
  /** Adds a listener that is removed after its first call. */
  once<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => unknown): this;
  /** Removes one listener, or every listener of the event. */
  off<Name extends keyof Events & string>(event: Name, listener?: (...args: Events[Name]) => unknown): this;
}

type Listener = (...args: never) => unknown;

interface Entry {
  readonly listener: Listener;
  readonly isOnce: boolean;
}

/**
 * A typed emitter that never swallows errors. `error` events without a listener, exceptions of listeners and
 * rejections of asynchronous listeners go to the fallback. The default fallback throws them in a microtask, so they
 * reach the uncaught-error handlers of the process or the page. An exception in one listener does not stop the others.
 */
export class Emitter<Events extends EventArguments<Events>> implements EventSource<Events> {
  /** Lists are copy-on-write, so that an event in progress iterates over a stable list. */
  readonly #entries = new Map<string, readonly Entry[]>();
  readonly #fallback: ErrorFallback;

  /** Creates an emitter; `fallback` receives `error` events without a listener, and exceptions of listeners. */
  constructor(fallback: ErrorFallback = throwLater) {
    this.#fallback = fallback;
  }

  /** Whether there is any listener. */
  get hasListeners(): boolean {
    return this.#entries.size > 0;
  }

  /** Adds a listener. */
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => unknown): this {
    return this.#add(event, listener, false);
  }

  /** Adds a listener that is removed after its first call. */
  once<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => unknown): this {
    return this.#add(event, listener, true);
  }

  /** Removes a listener, or all listeners of the event. */
  off<Name extends keyof Events & string>(event: Name, listener?: (...args: Events[Name]) => unknown): this {
    return this.#keep(event, (entry) => listener !== undefined && entry.listener !== listener);
  }

  /**
   * Calls the listeners synchronously, in the order they were added. Never throws. Returns whether there was a
   * listener. Hot path: no allocation per listener.
   */
  emit<Name extends keyof Events & string>(event: Name, ...args: Events[Name]): boolean {
    const entries = this.#entries.get(event);
    if (entries === undefined) {
      if (event === 'error') this.#fallback(args[0]);
      return false;
    }
    for (const entry of entries) {
      if (entry.isOnce) this.#keep(event, (other) => other !== entry);
      try {
        // `on` has typed the listener for the same arguments that `emit` takes for this name.
        const result = (entry.listener as (...all: unknown[]) => unknown)(...args);
        if (result !== undefined) reportRejection(result, this.#fallback);
      } catch (error) {
        this.#fallback(error);
      }
    }
    return true;
  }

  /** Removes every listener of the event, or of all events. */
  removeAllListeners(event?: keyof Events & string): this {
    if (event === undefined) this.#entries.clear();
    else this.#entries.delete(event);
    return this;
  }

  #add(event: string, listener: Listener, isOnce: boolean): this {
    requireFunction('A listener', listener);
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), { listener, isOnce }]);
    return this;
  }

  #keep(event: string, isKept: (entry: Entry) => boolean): this {
    const kept = this.#entries.get(event)?.filter(isKept) ?? [];
    if (kept.length > 0) this.#entries.set(event, kept);
    else this.#entries.delete(event);
    return this;
  }
}

/** Reports the rejection of a listener's result, if it is a promise. */
export function reportRejection(result: unknown, report: ErrorFallback): void {
  const { then } = Object(result) as { readonly then?: unknown };
  if (typeof then === 'function') then.call(result, undefined, report);
}

/** Throws in a microtask, so the error reaches the uncaught-error handlers of the process or page. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

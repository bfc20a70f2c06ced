import { type EventFrame, InvalidActionError, NoHandlerError, requireFunction } from 'sc-protocol';
import { Emitter } from 'sc-channel';
import type { Connection } from './connection.js';
import { isSocketEvent } from './events.js';
import type { Respond } from './surface.js';

/** Handles a call of the server: its return value is the response, its exception the error. */
export type AnyHandler = (data: unknown) => unknown;

/** The application's listeners for events and handlers for calls of the server. */
export class Inbound {
  readonly listeners: Emitter<Record<string, [data: unknown, respond: Respond]>>;
  readonly #handlers = new Map<string, AnyHandler>();
  readonly #reportError: (error: unknown) => void;

  constructor(reportError: (error: unknown) => void) {
    this.#reportError = reportError;
    this.listeners = new Emitter(reportError);
  }

  /** Adds the handler of a procedure; each has at most one. Returns a function that removes it. */
  handle(procedure: string, handler: AnyHandler): () => void {
    requireFunction('A procedure handler', handler);
    if (this.#handlers.has(procedure)) throw new InvalidActionError(`Procedure "${procedure}" has a handler already`);
    this.#handlers.set(procedure, handler);
    return () => {
      if (this.#handlers.get(procedure) === handler) this.#handlers.delete(procedure);
    };
  }

  /** Dispatches an event or call. The response is sent on the connection, which may throw what the codec throws. */
  receive({ name, data, callId }: EventFrame, connection: Connection): void {
    const handler = this.#handlers.get(name);
    if (handler !== undefined && callId !== undefined) {
      void this.#run(handler, data, (error, result) => connection.answer(callId, error, result));
      return;
    }
    let isAnswered = false;
    const respond: Respond = (error, result) => {
      if (isAnswered) throw new InvalidActionError(`The call of "${name}" was answered already`);
      isAnswered = callId !== undefined;
      connection.answer(callId, error, result);
    };
    // The socket's own event names are reserved, so a server cannot imitate them.
    const isHeard = !isSocketEvent(name) && this.listeners.emit(name, data, respond);
    if (!isHeard) respond(new NoHandlerError(`No handler for "${name}"`));
  }

  clear(): void {
    this.listeners.removeAllListeners();
    this.#handlers.clear();
  }

  async #run(handler: AnyHandler, data: unknown, answer: (error: unknown, result?: unknown) => void): Promise<void> {
    try {
      try {
        answer(null, await handler(data));
      } catch (error) {
        // The error goes to the calling server; a stack never leaves this process.
        answer(error ?? new Error('The handler failed'));
      }
    } catch (sendError) {
      this.#reportError(sendError);
    }
  }
}

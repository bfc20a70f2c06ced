import { type EventFrame, InvalidActionError, NoHandlerError, requireFunction } from 'sc-protocol';
import { Emitter } from 'sc-channel';
import type { Connection } from './connection.js';
import { isSocketEvent } from './events.js';
import type { Respond } from './surface.js';

/** Answers a call of the server with what it returns, or with an error when it throws. */
export type AnyHandler = (data: unknown) => unknown;

/** The application's listeners and handlers for what the server emits and calls. */
export class Inbound {
  readonly listeners: Emitter<Record<string, [data: unknown, respond: Respond]>>;
  readonly #handlers = new Map<string, AnyHandler>();
  readonly #reportError: (error: unknown) => void;

  constructor(reportError: (error: unknown) => void) {
    this.#reportError = reportError;
    this.listeners = new Emitter(reportError);
  }

  /** One handler per procedure. Returns what removes it. */
  handle(procedure: string, handler: AnyHandler): () => void {
    requireFunction('A procedure handler', handler);
    if (this.#handlers.has(procedure)) throw new InvalidActionError(`Procedure "${procedure}" has a handler already`);
    this.#handlers.set(procedure, handler);
    return () => {
      if (this.#handlers.get(procedure) === handler) this.#handlers.delete(procedure);
    };
  }

  /** The answer goes to the connection, which may throw what the codec throws. */
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
    // One of the socket's own names has no listener here, and must not pass for it.
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
        // The server's own call gets the error; a stack never leaves this process.
        answer(error ?? new Error('The handler failed'));
      }
    } catch (sendError) {
      this.#reportError(sendError);
    }
  }
}

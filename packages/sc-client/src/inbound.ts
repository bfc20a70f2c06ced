import {
  type ClientFrame,
  type EventFrame,
  InvalidActionError,
  InvalidArgumentsError,
  NoHandlerError,
  dehydrateError,
} from 'sc-protocol';
import { Emitter } from 'sc-channel';
import type { Respond } from './surface.js';

/** Answers a call of the server with what it returns, or with an error when it throws. */
export type AnyHandler = (data: unknown) => unknown;

/** The application's listeners and handlers for what the server emits and calls. */
export class Inbound {
  readonly #listeners: Emitter<Record<string, [data: unknown, respond: Respond]>>;
  readonly #handlers = new Map<string, AnyHandler>();
  readonly #reportError: (error: unknown) => void;

  constructor(reportError: (error: unknown) => void) {
    this.#reportError = reportError;
    this.#listeners = new Emitter(reportError);
  }

  get listeners(): Emitter<Record<string, [data: unknown, respond: Respond]>> {
    return this.#listeners;
  }

  /** One handler per procedure. Returns what removes it. */
  handle(procedure: string, handler: AnyHandler): () => void {
    if (typeof handler !== 'function') {
      throw new InvalidArgumentsError(`A procedure handler must be a function, got ${typeof handler}`);
    }
    if (this.#handlers.has(procedure)) throw new InvalidActionError(`Procedure "${procedure}" has a handler already`);
    this.#handlers.set(procedure, handler);
    return () => {
      if (this.#handlers.get(procedure) === handler) this.#handlers.delete(procedure);
    };
  }

  /** `send` takes the answer; it may throw what the codec throws. */
  receive({ name, data, callId }: EventFrame, send: (frame: ClientFrame) => void): void {
    let isAnswered = callId === undefined;
    const answer = (error: unknown, result?: unknown): void => {
      isAnswered = true;
      if (callId === undefined) return;
      if (error === null || error === undefined) send({ type: 'response', responseId: callId, data: result });
      else send({ type: 'response', responseId: callId, error: dehydrateError(error) });
    };
    const handler = this.#handlers.get(name);
    if (handler !== undefined && callId !== undefined) {
      void this.#run(handler, data, answer);
      return;
    }
    const respond: Respond = (error, result) => {
      if (callId === undefined) return;
      if (isAnswered) throw new InvalidActionError(`The call of "${name}" was answered already`);
      answer(error, result);
    };
    if (!this.#listeners.emit(name, data, respond) && !isAnswered) {
      answer(new NoHandlerError(`Nobody handles "${name}"`));
    }
  }

  clear(): void {
    this.#listeners.removeAllListeners();
    this.#handlers.clear();
  }

  async #run(handler: AnyHandler, data: unknown, answer: (error: unknown, result?: unknown) => void): Promise<void> {
    try {
      const result = await handler(data);
      answer(null, result);
    } catch (error) {
      this.#answerFailure(error, answer);
    }
  }

  #answerFailure(error: unknown, answer: (error: unknown) => void): void {
    try {
      // The server's own call gets the error; a stack never leaves this process.
      answer(error ?? new Error('The handler failed'));
    } catch (sendError) {
      this.#reportError(sendError);
    }
  }
}

import { InvalidArgumentsError, InvalidFrameError, NoHandlerError, ResourceLimitError, type CallId } from 'sc-protocol';
import { respond, respondError, type Answering } from './answers.js';
import type { SocketState } from './state.js';
import { isReservedEvent } from './events.js';
import type { CallContextOf, Respond } from '../app-types.js';
import type { ClientLog, LoggedClient } from '../log/client-log.js';
import type { CallOutcome, ServerCounters } from '../metrics/server-counters.js';
import type { Logger } from '../log/logger.js';
import { isThenable } from '../kit/thenable.js';
import { exposeError, isForClients } from '../middleware/errors.js';

/** The socket whose client calls. */
export interface DispatcherOwner extends Answering, LoggedClient {
  readonly state: SocketState;
  /** The application's socket object. */
  readonly socket: object;
  readonly parts: {
    readonly logger: Logger;
    readonly options: { readonly maxOutstandingCalls: number };
    readonly clientLog: ClientLog;
    readonly counters: Pick<ServerCounters, 'calls'>;
  };
}

/** An event handler, regardless of the data type that the application's interface declares. */
export type AnyHandler = (data: unknown, respond: Respond) => unknown;
export type AnyProcedure = (data: unknown, call: CallContextOf<object>) => unknown;

interface Handler {
  readonly run: AnyHandler;
  readonly isOnce: boolean;
}

/** A call of the client that is in flight. */
interface OpenCall {
  readonly startedAt: number;
  /** Whether its outcome has been counted. */
  isCounted: boolean;
  readonly answer: Answer;
}

/** Calls older than this no longer count towards `maxOutstandingCalls`. */
const forgottenAfterMs = 60_000;
/** A `Respond` that returns whether the caller received it. A handler may fail after it has already answered. */
type Answer = (error?: unknown, data?: unknown, isFailure?: boolean) => boolean;
const unasked: Answer = () => false;

/** The application's event handlers and procedures for one socket, and its calls in flight. */
export class Dispatcher {
  readonly #core: DispatcherOwner;
  readonly #handlers = new Map<string, Handler[]>();
  #procedures: Map<string, AnyProcedure> | undefined;
  #controllers: Set<AbortController> | undefined;
  #hasFailedCalls = false;
  /** Oldest first. */
  #openCalls: Set<OpenCall> | undefined;

  constructor(core: DispatcherOwner) {
    this.#core = core;
  }

  addHandler(event: string, run: AnyHandler, isOnce = false): void {
    if (typeof run !== 'function') throw new InvalidArgumentsError('An event handler must be a function');
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), { run, isOnce }]);
  }

  removeHandler(event: string, run: AnyHandler | undefined): void {
    const left = run === undefined ? [] : (this.#handlers.get(event) ?? []).filter((handler) => handler.run !== run);
    if (left.length === 0) this.#handlers.delete(event);
    else this.#handlers.set(event, left);
  }

  setProcedure(procedure: string, handler: AnyProcedure): void {
    if (typeof handler !== 'function') throw new InvalidArgumentsError('A procedure must be a function');
    (this.#procedures ??= new Map()).set(procedure, handler);
  }

  /** Hot path: dispatches an event or call of the client to its handler. Never throws. */
  dispatch(event: string, data: unknown, callId: CallId | undefined): void {
    if (isReservedEvent(event)) {
      this.#countCall(callId, 'refused');
      const error = new InvalidFrameError(`"${event}" is reserved and cannot be emitted`, { field: 'event' });
      respondError(this.#core, callId, error);
      return;
    }
    const procedure = this.#procedures?.get(event);
    const handlers = this.#handlers.get(event);
    if (procedure === undefined && handlers === undefined) {
      this.#countCall(callId, 'noHandler');
      respondError(this.#core, callId, new NoHandlerError(`No handler for "${event}"`));
      return;
    }
    if (callId !== undefined && this.#isAtLimit(callId)) return;
    const respond = callId === undefined ? unasked : this.#createRespond(event, callId);
    if (procedure !== undefined) void this.#runProcedure(event, procedure, data, respond);
    for (const handler of handlers ?? []) {
      if (handler.isOnce) this.removeHandler(event, handler.run);
      this.#runHandler(event, handler.run, data, respond);
    }
  }

  /** Answers every call in flight with the error. Later answers of the application are dropped. */
  failCalls(error: Error): void {
    this.#hasFailedCalls = true;
    for (const { answer } of [...(this.#openCalls ?? [])]) answer(error, undefined, true);
  }

  /** Aborts the signals of all calls in flight when the client disconnects. */
  abortCalls(): void {
    for (const controller of this.#controllers ?? []) controller.abort();
    this.#controllers = undefined;
    for (const call of this.#openCalls ?? []) this.#countEnd(call, 'abandoned');
    this.#openCalls = undefined;
  }

  #runHandler(event: string, run: AnyHandler, data: unknown, respond: Answer): void {
    try {
      const result = run(data, respond);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#fail(event, error, respond));
    } catch (error) {
      this.#fail(event, error, respond);
    }
  }

  async #runProcedure(procedure: string, run: AnyProcedure, data: unknown, respond: Answer): Promise<void> {
    const call = new Call(this.#core, procedure, (controller) => (this.#controllers ??= new Set()).add(controller));
    try {
      respond(null, await run(data, call));
    } catch (error) {
      this.#fail(procedure, error, respond);
    } finally {
      if (call.controller !== undefined) this.#controllers?.delete(call.controller);
    }
  }

  #fail(event: string, error: unknown, respond: Answer): void {
    const { id: socketId, parts } = this.#core;
    const { logger } = parts;
    const isHeard = respond(exposeError(error, `"${event}"`), undefined, true);
    // An error meant for clients is a response. Log it as an error only if the caller does not receive it.
    if (!isForClients(error) || !isHeard) {
      logger.error(`The handler of "${event}" failed`, { error, socketId });
    } else {
      logger.debug(`The handler of "${event}" refused`, { error, socketId });
    }
  }

  #countCall(callId: CallId | undefined, outcome: CallOutcome): void {
    if (callId !== undefined) this.#core.parts.counters.calls[outcome] += 1;
  }

  #countEnd(call: OpenCall, outcome: CallOutcome): void {
    if (call.isCounted) return;
    call.isCounted = true;
    this.#core.parts.counters.calls[outcome] += 1;
  }

  #isAtLimit(callId: CallId): boolean {
    const { options, clientLog } = this.#core.parts;
    const limit = options.maxOutstandingCalls;
    const open = this.#openCalls;
    if (open === undefined || open.size < limit) return false;
    const forgotten = performance.now() - forgottenAfterMs;
    for (const call of open) {
      if (call.startedAt > forgotten) break;
      open.delete(call);
    }
    if (open.size < limit) return false;
    clientLog.reachedLimit(this.#core, 'outstandingCalls');
    this.#countCall(callId, 'refused');
    const message = `At most ${limit} calls of a socket may be unanswered`;
    respondError(this.#core, callId, new ResourceLimitError(message, { limit: 'maxOutstandingCalls' }));
    return true;
  }

  #createRespond(event: string, callId: CallId): Answer {
    const core = this.#core;
    const { logger } = core.parts;
    let isAnswered = false;
    const answer: Answer = (error, data, isFailure) => {
      if (isAnswered) {
        if (!isFailure && !this.#hasFailedCalls) logger.warn(`A call of "${event}" was answered more than once`);
        return false;
      }
      isAnswered = true;
      this.#openCalls?.delete(call);
      this.#countEnd(call, error ? 'error' : 'ok');
      // Any truthy value is an error, as in the original.
      if (error) respondError(core, callId, exposeError(error, `"${event}"`), data);
      else respond(core, callId, data);
      return true;
    };
    const call: OpenCall = { startedAt: performance.now(), isCounted: false, answer };
    (this.#openCalls ??= new Set()).add(call);
    return answer;
  }
}

/** The context of one call. The abort signal is created on first access, because most procedures do not use it. */
class Call implements CallContextOf<object> {
  readonly #core: DispatcherOwner;
  readonly procedure: string;
  readonly #register: (controller: AbortController) => void;
  controller: AbortController | undefined;

  constructor(core: DispatcherOwner, procedure: string, register: (controller: AbortController) => void) {
    this.#core = core;
    this.procedure = procedure;
    this.#register = register;
  }

  get socket(): object {
    return this.#core.socket;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.#core.state === 'closed') this.controller.abort();
      else this.#register(this.controller);
    }
    return this.controller.signal;
  }
}

import {
  AbortedError,
  BadConnectionError,
  TimeoutError,
  closeCodes,
  encodingError,
  hydrateError,
  type CallId,
  type ResponseFrame,
  type ServerFrame,
} from 'sc-protocol';
import { longestTimerMs } from 'sc-protocol/kit';
import type { OutboundCallOutcome } from '../metrics/server-counters.js';

/** Ends a call with an error or with the response data. Must not throw. */
export type CallEnd = (error: Error | null, data?: unknown) => void;

interface PendingCall {
  readonly what: string;
  readonly end: CallEnd;
  readonly timer: NodeJS.Timeout | undefined;
  readonly stopListening: (() => void) | undefined;
}

type Outcomes = Record<OutboundCallOutcome, number>;

/** The calls to one client that are in flight. Each ends exactly once. */
export class OutboundCalls {
  readonly #pending = new Map<CallId, PendingCall>();
  readonly #outcomes: Outcomes | undefined;
  #lastId: number;

  /**
   * `outcomes` counts call results. `lastId` is the last call id that the client has seen, from the previous process.
   */
  constructor(outcomes?: Outcomes, lastId = 0) {
    this.#outcomes = outcomes;
    this.#lastId = lastId;
  }

  get lastId(): number {
    return this.#lastId;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Registers a call and returns its id. A timeout beyond the longest timer, such as `Infinity`, means no deadline. */
  open(what: string, timeoutMs: number, signal: AbortSignal | undefined, end: CallEnd): CallId {
    const id: CallId = ++this.#lastId;
    const onTimeout = () => this.fail(id, new TimeoutError(`No answer to ${what} within ${timeoutMs} ms`));
    const timer = timeoutMs > longestTimerMs ? undefined : setTimeout(onTimeout, timeoutMs);
    let stopListening: (() => void) | undefined;
    if (signal !== undefined) {
      const abort = () => this.fail(id, abortedError(what, signal));
      signal.addEventListener('abort', abort, { once: true });
      stopListening = () => signal.removeEventListener('abort', abort);
    }
    this.#pending.set(id, { what, end, timer, stopListening });
    return id;
  }

  isPending(id: CallId): boolean {
    return this.#pending.has(id);
  }

  /** Ends the call with a response. A response without a pending call is ignored: the call may have timed out. */
  settle(frame: ResponseFrame): void {
    this.#finish(frame.responseId, frame.error === undefined ? null : hydrateError(frame.error), frame.data);
  }

  fail(id: CallId, error: Error): void {
    this.#finish(id, error);
  }

  /** Ends every call when the connection is lost. */
  abortAll(code: number): void {
    for (const [id, { what }] of this.#pending) this.#finish(id, lostError(what, code));
  }

  #finish(id: CallId, error: Error | null, data?: unknown): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    clearTimeout(call.timer);
    call.stopListening?.();
    if (this.#outcomes !== undefined) this.#outcomes[outcomeOf(error)] += 1;
    call.end(error, data);
  }
}

/** The part of a socket that makes calls. */
interface Caller {
  readonly state: 'connecting' | 'open' | 'closed';
  readonly calls: OutboundCalls;
  readonly writer: { sendFrame(frame: ServerFrame): void };
}

interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly end: CallEnd;
}

/** Wraps the application's callback; `onFailure` receives the errors it throws. */
export function guardedEnd(callback: CallEnd, onFailure: (error: unknown) => void): CallEnd {
  return (error, answer) => {
    try {
      callback(error, answer);
    } catch (problem) {
      onFailure(problem);
    }
  };
}

/** Calls a procedure of the client. */
export function sendCall(caller: Caller, event: string, data: unknown, { timeoutMs, signal, end }: CallOptions): void {
  const what = `"${event}"`;
  if (caller.state === 'closed') {
    // Deferred, because a response is never synchronous.
    process.nextTick(end, lostError(what, closeCodes.hungUp));
    return;
  }
  const callId = caller.calls.open(what, timeoutMs, signal, end);
  try {
    caller.writer.sendFrame({ type: 'event', name: event, data, callId });
  } catch (cause) {
    caller.calls.fail(callId, encodingError(what, cause));
  }
}

function outcomeOf(error: Error | null): OutboundCallOutcome {
  if (error === null) return 'ok';
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof BadConnectionError) return 'lost';
  return error instanceof AbortedError ? 'aborted' : 'error';
}

export function abortedError(what: string, signal: AbortSignal): AbortedError {
  return new AbortedError(`The call of ${what} was aborted`, undefined, { cause: signal.reason });
}

export function lostError(what: string, closeCode: number): BadConnectionError {
  return new BadConnectionError(`The connection closed before ${what} was answered`, { type: 'disconnect', closeCode });
}

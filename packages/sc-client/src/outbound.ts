import {
  AbortedError,
  BadConnectionError,
  InvalidActionError,
  InvalidArgumentsError,
  encodingError,
  isRetryable,
} from 'sc-protocol';
import { eventFrame } from 'sc-protocol/client';
import { Call, type CallCore, type CallOutcome, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import type { Encoded } from './transport.js';
import { Outbox, type OutboxLimits } from './outbox.js';

export interface OutboundCore extends OutboxLimits, CallCore {
  readonly reportError: (error: unknown) => void;
}

export interface OutboundCall extends CallSettings {
  /** Receives the response before any later frame takes effect. If it throws, the call fails with that error. */
  readonly answered?: (answer: unknown) => void;
}

/** Sends calls and events in order: directly while connected, through the outbox while not. */
export class Outbound {
  readonly #core: OutboundCore;
  readonly #outbox: Outbox;
  /** Repeatable calls that were sent and not answered, in the order of their first sending. */
  readonly #unanswered = new Set<Call>();
  #connection: Connection | undefined;
  #isDestroyed = false;

  constructor(core: OutboundCore) {
    this.#core = core;
    this.#outbox = new Outbox(core, () => core.platform.elapsed());
  }

  /** Sends unanswered calls again, then the content of the outbox. Later calls and events are sent directly. */
  opened(connection: Connection): void {
    for (const call of this.#unanswered) {
      if (connection.isRepeating) connection.call(call);
      else
        call.end(
          new BadConnectionError(`The server no longer knows whether it received ${call.label}`, { isUnknown: true }),
        );
    }
    this.#outbox.drain((outgoing) => {
      if (connection.isClosed) return false;
      if (outgoing.end) this.#send(outgoing, connection);
      else {
        try {
          connection.sendEncoded(outgoing.message);
        } catch (error) {
          // An event has no caller that could receive the error.
          this.#core.reportError(error);
        }
      }
      return true;
    });
    if (!connection.isClosed) this.#connection = connection;
  }

  lost(): void {
    this.#connection = undefined;
  }

  /**
   * Sends an event without a response. Throws `InvalidArgumentsError` for data that cannot be encoded,
   * `PayloadTooLargeError`, or `ResourceLimitError` when the outbox is full.
   */
  send(event: string, data: unknown, isVolatile = false): void {
    this.#refuseDestroyed();
    const connection = this.#connection;
    if (isVolatile && (connection === undefined || connection.isCongested)) return;
    let message: Encoded;
    try {
      message = this.#core.codec.encode(eventFrame(event, data));
    } catch (error) {
      throw encodingError(`"${event}"`, error);
    }
    if (connection === undefined) this.#outbox.add({ message });
    else connection.sendEncoded(message);
  }

  /**
   * Sends a call. Its deadline also runs while it is in the outbox. The promise may be ignored: a call that failed for
   * a temporary reason, such as a lost connection, does not cause an unhandled rejection.
   */
  call(settings: OutboundCall): Promise<unknown> {
    const { timeoutMs = Infinity, answered } = settings;
    const promise = new Promise<unknown>((resolve, reject) => {
      this.#refuseDestroyed();
      if (!(timeoutMs > 0)) throw new InvalidArgumentsError(`\`timeoutMs\` must be above 0, got ${timeoutMs}`);
      let call: Call | undefined = undefined;
      const settled: CallOutcome = (error, answer) => {
        if (call !== undefined) this.#unanswered.delete(call);
        try {
          if (error !== null) throw error;
          answered?.(answer);
          resolve(answer);
        } catch (failure) {
          if (isRetryable(failure)) queueMicrotask(() => void promise.catch(() => undefined));
          reject(failure);
        }
      };
      call = new Call(settings, this.#core, settled);
      if (call.isEnded) return;
      if (this.#connection === undefined) this.#outbox.add(call);
      else this.#send(call, this.#connection);
    });
    return promise;
  }

  /** Fails the calls in the outbox and rejects everything from now on. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#outbox.clear(({ label }) => new AbortedError(`The socket was destroyed before ${label} was sent`));
    for (const call of this.#unanswered) {
      call.end(new AbortedError(`The socket was destroyed before ${call.label} was answered`, { isUnknown: true }));
    }
  }

  #send(call: Call, connection: Connection): void {
    if (call.isRepeatable && !call.isEnded) this.#unanswered.add(call);
    connection.call(call);
  }

  #refuseDestroyed(): void {
    if (this.#isDestroyed) throw new InvalidActionError('The socket was destroyed');
  }
}

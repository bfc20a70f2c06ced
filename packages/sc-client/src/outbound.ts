import { AbortedError, InvalidActionError, InvalidArgumentsError, isRetryable } from 'sc-protocol';
import { eventFrame } from 'sc-protocol/client';
import { Call, type CallCore, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import { Outbox, type OutboxLimits } from './outbox.js';

export interface OutboundCore extends OutboxLimits, CallCore {
  readonly reportError: (error: unknown) => void;
}

export interface OutboundCall extends CallSettings {
  /** Gets the answer before any frame that came behind it takes effect. A throw is the outcome of the call. */
  readonly answered?: (answer: unknown) => void;
}

/** Sends calls and events: at once on a connection, through the outbox without one, always in order. */
export class Outbound {
  readonly #core: OutboundCore;
  readonly #outbox: Outbox;
  #connection: Connection | undefined;
  #isDestroyed = false;

  constructor(core: OutboundCore) {
    this.#core = core;
    this.#outbox = new Outbox(core, () => core.platform.elapsed());
  }

  /** Sends the content of the outbox; from then on everything is sent at once. */
  opened(connection: Connection): void {
    this.#outbox.drain((outgoing) => {
      if (connection.isClosed) return false;
      if (outgoing.end) connection.call(outgoing);
      else {
        try {
          connection.sendEncoded(outgoing.message);
        } catch (error) {
          // An event has no caller that waits for its outcome.
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

  /** Sends an event that wants no answer. Throws what the codec throws, `PayloadTooLargeError`, or `ResourceLimitError` when the outbox is full. */
  send(event: string, data: unknown, isVolatile = false): void {
    this.#refuseDestroyed();
    const connection = this.#connection;
    if (isVolatile && (connection === undefined || connection.isCongested)) return;
    const message = this.#core.codec.encode(eventFrame(event, data));
    if (connection === undefined) this.#outbox.add({ message });
    else connection.sendEncoded(message);
  }

  /**
   * Wants an answer, within the call's deadline, which runs in the outbox too. The promise may be ignored: a call that
   * failed for a reason that passes, such as a lost connection, is no unhandled rejection.
   */
  call(settings: OutboundCall): Promise<unknown> {
    const { timeoutMs = Infinity, answered } = settings;
    const promise = new Promise<unknown>((resolve, reject) => {
      this.#refuseDestroyed();
      if (!(timeoutMs > 0)) throw new InvalidArgumentsError(`\`timeoutMs\` must be above 0, got ${timeoutMs}`);
      const call = new Call(settings, this.#core, (error, answer) => {
        try {
          if (error !== null) throw error;
          answered?.(answer);
          resolve(answer);
        } catch (failure) {
          if (isRetryable(failure)) queueMicrotask(() => void promise.catch(() => undefined));
          reject(failure);
        }
      });
      if (call.isEnded) return;
      if (this.#connection === undefined) this.#outbox.add(call);
      else this.#connection.call(call);
    });
    return promise;
  }

  /** Fails the calls in the outbox, and refuses everything from now on. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#outbox.clear(({ label }) => new AbortedError(`The socket was destroyed before ${label} was sent`));
  }

  #refuseDestroyed(): void {
    if (this.#isDestroyed) throw new InvalidActionError('The socket was destroyed');
  }
}

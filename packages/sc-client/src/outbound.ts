import { AbortedError, type CallId, InvalidActionError, InvalidArgumentsError, isRetryable } from 'sc-protocol';
import { eventFrame } from 'sc-protocol/client';
import { Call, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import type { Platform } from './platform.js';
import type { Encoded } from './transport.js';

export interface OutboundSettings extends OutboxLimits {
  readonly codec: { encode(value: unknown): Encoded };
  readonly nextCallId: () => CallId;
}

export interface OutboundCall extends CallSettings {
  frame(callId: CallId): object;
  /** Hears of the answer before anything that came behind it. What it throws is the outcome. */
  readonly answered?: (answer: unknown) => void;
}

/** Sends what the application says: at once on a connection, through the outbox without one, always in order. */
export class Outbound {
  readonly #settings: OutboundSettings;
  readonly #platform: Platform;
  readonly #outbox: Outbox;
  readonly #reportError: (error: unknown) => void;
  #connection: Connection | undefined;
  #isDestroyed = false;

  constructor(settings: OutboundSettings, platform: Platform, reportError: (error: unknown) => void) {
    this.#settings = settings;
    this.#platform = platform;
    this.#outbox = new Outbox(settings, () => platform.elapsed());
    this.#reportError = reportError;
  }

  /** Sends what waits, then everything else at once. */
  opened(connection: Connection): void {
    this.#outbox.drain(({ message, call, callId }) => {
      if (connection.isClosed) return false;
      if (call !== undefined && callId !== undefined) connection.callEncoded(() => message, callId, call);
      else {
        try {
          connection.sendEncoded(message);
        } catch (error) {
          // Nobody waits for this one, so nobody else can be told.
          this.#reportError(error);
        }
      }
      return true;
    });
    if (!connection.isClosed) this.#connection = connection;
  }

  lost(): void {
    this.#connection = undefined;
  }

  /** Wants no answer. Throws what the codec throws, `PayloadTooLargeError`, or `ResourceLimitError` when the outbox is full. */
  send(event: string, data: unknown, isVolatile = false): void {
    this.#refuseDestroyed();
    const connection = this.#connection;
    if (isVolatile && (connection === undefined || connection.isCongested)) return;
    const message = this.#settings.codec.encode(eventFrame(event, data));
    if (connection === undefined) this.#outbox.add({ message });
    else connection.sendEncoded(message);
  }

  /**
   * Wants an answer, within the call's deadline, which runs in the outbox too. The promise may be left alone: a call that
   * failed for a reason that passes, such as a lost connection, is no unhandled rejection.
   */
  call(settings: OutboundCall): Promise<unknown> {
    const { timeoutMs = Infinity, answered } = settings;
    const promise = new Promise<unknown>((resolve, reject) => {
      this.#refuseDestroyed();
      if (!(timeoutMs > 0)) throw new InvalidArgumentsError(`\`timeoutMs\` must be above 0, got ${timeoutMs}`);
      const callId = this.#settings.nextCallId();
      // Encoded now: what becomes of the data later changes nothing.
      const message = this.#settings.codec.encode(settings.frame(callId));
      const call = new Call(settings, this.#platform, (error, answer) => {
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
      if (this.#connection !== undefined) this.#connection.callEncoded(() => message, callId, call);
      else {
        try {
          this.#outbox.add({ message, call, callId });
        } catch (error) {
          call.end(error);
        }
      }
    });
    return promise;
  }

  /** Gives up what waits, and refuses everything from now on. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#outbox.clear((call) => new AbortedError(`The socket was destroyed before ${call.label} was sent`));
  }

  #refuseDestroyed(): void {
    if (this.#isDestroyed) throw new InvalidActionError('The socket was destroyed');
  }
}

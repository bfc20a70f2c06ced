import { AbortedError, type CallId, type ClientFrame } from 'sc-protocol';
import { Call, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import type { Platform } from './platform.js';

export type FrameOf = (callId: CallId | undefined) => ClientFrame;

/** Sends what the application says: at once on a connection, through the outbox without one, always in order. */
export class Outbound {
  readonly #platform: Platform;
  readonly #outbox: Outbox;
  readonly #reportError: (error: unknown) => void;
  #connection: Connection | undefined;

  constructor(limits: OutboxLimits, platform: Platform, reportError: (error: unknown) => void) {
    this.#platform = platform;
    this.#outbox = new Outbox(limits, () => platform.now());
    this.#reportError = reportError;
  }

  /** Sends what waits, then everything else at once. */
  opened(connection: Connection): void {
    for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
      const { frame, call } = next;
      try {
        if (call === undefined) connection.send(frame(undefined));
        else connection.call(frame, call);
      } catch (error) {
        // Nobody waits for this one, so nobody else can be told.
        this.#reportError(error);
      }
    }
    this.#connection = connection;
  }

  lost(): void {
    this.#connection = undefined;
  }

  /** Wants no answer. Throws what the codec throws, or `ResourceLimitError` when the outbox is full. */
  send(frame: FrameOf, isVolatile = false): void {
    const connection = this.#connection;
    if (connection === undefined) {
      if (!isVolatile) this.#outbox.add({ frame });
    } else if (!isVolatile || !connection.isCongested) connection.send(frame(undefined));
  }

  /** Wants an answer, within the call's deadline, which runs in the outbox too. */
  call(frame: FrameOf, settings: CallSettings): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = new Call(settings, this.#platform, (error, data) => {
        if (error === null) resolve(data);
        else reject(error);
      });
      if (call.isEnded) return;
      if (this.#connection !== undefined) {
        this.#connection.call(frame, call);
        return;
      }
      try {
        this.#outbox.add({ frame, call });
      } catch (error) {
        call.fail(error);
      }
    });
  }

  /** Gives up what waits. */
  clear(): void {
    this.#outbox.clear((call) => new AbortedError(`The socket was destroyed before ${call.label} was sent`));
  }
}

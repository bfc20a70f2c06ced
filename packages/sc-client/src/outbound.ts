import { AbortedError } from 'sc-protocol';
import { Call, type CallSettings } from './call.js';
import type { Connection } from './connection.js';
import { Outbox, type OutboxLimits } from './outbox.js';
import type { Platform } from './platform.js';

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
      const { event, data, call } = next;
      try {
        if (call === undefined) connection.send(event, data);
        else connection.call(event, data, call);
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
  send(event: string, data: unknown, isVolatile = false): void {
    const connection = this.#connection;
    if (isVolatile && (connection === undefined || connection.isCongested)) return;
    if (connection === undefined) this.#outbox.add({ event, data });
    else connection.send(event, data);
  }

  /** Wants an answer, within the call's deadline, which runs in the outbox too. */
  call(event: string, data: unknown, settings: CallSettings): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = new Call(settings, this.#platform, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
      if (call.isEnded) return;
      if (this.#connection !== undefined) this.#connection.call(event, data, call);
      else {
        try {
          this.#outbox.add({ event, data, call });
        } catch (error) {
          call.end(error);
        }
      }
    });
  }

  /** Gives up what waits. */
  clear(): void {
    this.#outbox.clear((call) => new AbortedError(`The socket was destroyed before ${call.label} was sent`));
  }
}

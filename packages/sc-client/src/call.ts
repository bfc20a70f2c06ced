import { AbortedError, TimeoutError } from 'sc-protocol';
import type { Platform } from './platform.js';

export interface CallSettings {
  /** What is called, for messages: `event "x"`. */
  readonly label: string;
  /** Milliseconds from now until the call gives up. Without one it ends with its connection. */
  readonly timeoutMs: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Gets `null` and the data of the answer, or an error. */
export type CallOutcome = (error: unknown, data?: unknown) => void;

/** A frame that wants an answer. Ends exactly once: answered, timed out, aborted, or failed with its connection. */
export class Call {
  readonly label: string;
  readonly #settled: CallOutcome;
  readonly #cancelTimer: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #release: (() => void) | undefined;
  #isEnded = false;

  constructor({ label, timeoutMs, signal }: CallSettings, platform: Platform, settled: CallOutcome) {
    this.label = label;
    this.#settled = settled;
    this.#signal = signal;
    this.#onAbort = () =>
      this.fail(new AbortedError(`The call of ${label} was aborted`, undefined, { cause: signal?.reason }));
    if (timeoutMs !== undefined) {
      this.#cancelTimer = platform.startTimer(
        () => this.fail(new TimeoutError(`No answer to ${label} within ${timeoutMs} ms`)),
        timeoutMs,
      );
    }
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Says who holds the call now, by how to let go of it. */
  heldBy(release: () => void): void {
    this.#release = release;
  }

  succeed(data: unknown): void {
    if (this.#end()) this.#settled(null, data);
  }

  fail(error: unknown): void {
    if (this.#end()) this.#settled(error);
  }

  #end(): boolean {
    if (this.#isEnded) return false;
    this.#isEnded = true;
    this.#cancelTimer?.();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#release?.();
    return true;
  }
}

import { AbortedError, TimeoutError } from 'sc-protocol';
import { type Platform, longestMs } from './platform.js';

export interface CallSettings {
  /** What is called, for messages: `event "x"`. */
  readonly label: string;
  /** Milliseconds from now until the call gives up. Without one, or with `Infinity`, it ends with its connection. */
  readonly timeoutMs: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Gets `null` and the data of the answer, or an error. */
export type CallOutcome = (error: unknown, data?: unknown) => void;

/** A frame that wants an answer. Ends exactly once: answered, timed out, aborted, or failed with its connection. */
export class Call {
  readonly label: string;
  readonly #settled: CallOutcome;
  readonly #stop: () => void;
  #release: (() => void) | undefined;
  #isEnded = false;

  constructor({ label, timeoutMs = Infinity, signal }: CallSettings, platform: Platform, settled: CallOutcome) {
    this.label = label;
    this.#settled = settled;
    const onTimeout = (): void => this.end(new TimeoutError(`No answer to ${label} within ${timeoutMs} ms`));
    const onAbort = (): void =>
      this.end(new AbortedError(`The call of ${label} was aborted`, undefined, { cause: signal?.reason }));
    const cancelTimer = timeoutMs > longestMs ? undefined : platform.startTimer(onTimeout, timeoutMs);
    this.#stop = () => {
      cancelTimer?.();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Says who holds the call now, by how to let go of it. */
  heldBy(release: () => void): void {
    this.#release = release;
  }

  /** With an error, or with `null` and the answer. Only the first time counts. */
  end(error: unknown, data?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stop();
    this.#release?.();
    this.#settled(error, data);
  }
}

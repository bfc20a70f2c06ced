import { AbortedError, type CallId, type Codec, TimeoutError, encodingError } from 'sc-protocol';
import { type Platform, longestMs } from './platform.js';
import type { Encoded } from './transport.js';

export interface CallSettings {
  /** Names the call in error messages: `"login"`. */
  readonly label: string;
  /** Milliseconds from now until the call fails with `TimeoutError`. Absent or `Infinity`: only the connection ends it. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The server tells a repetition from a new call, so this one outlives its connection where the server can do that. */
  readonly isRepeatable?: boolean | undefined;
  /** The frame to send, with the number of the call. */
  readonly frame: (callId: CallId) => object;
}

/** The parts of a socket that a call uses. */
export interface CallCore {
  readonly platform: Platform;
  readonly codec: Codec;
  /** Counts the calls of a socket over all of its connections: a queued call already has its number. */
  readonly nextCallId: () => CallId;
}

/** Gets `null` and the data of the answer, or an error. */
export type CallOutcome = (error: unknown, data?: unknown) => void;

/**
 * A frame that wants an answer, encoded when it is made. Ends exactly once: answered, not encodable, timed out, aborted, or
 * failed with its connection.
 */
export class Call {
  readonly label: string;
  readonly id: CallId;
  /** The encoded frame. Not read once the call has ended. */
  readonly message: Encoded = '';
  readonly isRepeatable: boolean | undefined;
  /** Whether the server may have got it. */
  wasSent = false;
  readonly #settled: CallOutcome;
  readonly #stop: () => void;
  #release: (() => void) | undefined;
  #isEnded = false;

  constructor(settings: CallSettings, core: CallCore, settled: CallOutcome) {
    const { label, timeoutMs = Infinity, signal, isRepeatable, frame } = settings;
    this.label = label;
    this.isRepeatable = isRepeatable;
    this.id = core.nextCallId();
    this.#settled = settled;
    const onTimeout = (): void =>
      this.end(new TimeoutError(`No answer to ${label} within ${timeoutMs} ms`, { isUnknown: this.wasSent }));
    const onAbort = (): void =>
      this.end(new AbortedError(`${label} was aborted`, { isUnknown: this.wasSent }, { cause: signal?.reason }));
    const cancelTimer = timeoutMs > longestMs ? undefined : core.platform.startTimer(onTimeout, timeoutMs);
    this.#stop = () => {
      cancelTimer?.();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    else {
      try {
        this.message = core.codec.encode(frame(this.id));
      } catch (error) {
        this.end(encodingError(label, error));
      }
    }
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Sets the function that removes the call from its present holder, called when the call ends. */
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

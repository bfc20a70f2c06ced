import { AbortedError, type CallId, type Codec, TimeoutError, encodingError } from 'sc-protocol';
import { type Platform, longestMs } from './platform.js';
import type { Encoded } from './transport.js';

export interface CallSettings {
  /** Names the call in error messages: `"login"`. */
  readonly label: string;
  /**
   * Milliseconds until the call fails with `TimeoutError`. Absent or `Infinity`: no deadline except the end of the
   * connection.
   */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * The server can deduplicate this call, so it is sent again on the next connection where the server supports that.
   */
  readonly isRepeatable?: boolean | undefined;
  /** Builds the frame to send, with the call id. */
  readonly frame: (callId: CallId) => object;
}

/** The parts of a socket that a call uses. */
export interface CallCore {
  readonly platform: Platform;
  readonly codec: Codec;
  /** Call ids are unique across all connections of a socket: a queued call already has its id. */
  readonly nextCallId: () => CallId;
}

/** Called with `null` and the data of the response, or with an error. */
export type CallOutcome = (error: unknown, data?: unknown) => void;

/**
 * A frame that expects a response, encoded at creation. Ends exactly once: answered, not encodable, timed out, aborted,
 * or failed with its connection.
 */
export class Call {
  readonly label: string;
  readonly id: CallId;
  /** The encoded frame. Not read once the call has ended. */
  readonly message: Encoded = '';
  readonly isRepeatable: boolean | undefined;
  /** Whether the server may have received it. */
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

  /** Sets the function that removes the call from its current holder. It runs when the call ends. */
  heldBy(release: () => void): void {
    this.#release = release;
  }

  /** Ends the call with an error, or with `null` and the response data. Later calls have no effect. */
  end(error: unknown, data?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stop();
    this.#release?.();
    this.#settled(error, data);
  }
}

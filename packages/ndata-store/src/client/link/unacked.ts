import { BadConnectionError, ResourceLimitError } from 'sc-protocol';

/** After so many publications, or so many bytes of them, the store is asked what it has taken. */
const probeCount = 256;
const probeBytes = 256 * 1024;

/** Milliseconds after which it is asked for the rest, and after which losses are told: together, not one by one. */
const settleMs = 1000;

export interface UnackedOptions {
  /** Has the store answer behind everything that was sent so far. */
  readonly probe: (done: () => void) => void;
  /** Reports the number of publications that were lost, or may have been, with the latest cause. */
  readonly onLoss: (error: Error) => void;
}

/**
 * The publications of a link that get no answer of their own. An answer to a probe now and then confirms all that
 * were sent before it, so that what waits can be counted, a silent store is noticed, and no loss goes untold.
 */
export class UnackedPublications {
  /** Publications that are lost, or may be: refused, failed, or on a link that went away before they were confirmed. */
  lost = 0;
  readonly #options: UnackedOptions;
  #count = 0;
  #bytes = 0;
  /** Publications that no probe covers yet. */
  #unprobed = 0;
  #unprobedBytes = 0;
  /** Questions of links that are gone mean nothing. */
  #generation = 0;
  #untold = 0;
  #reason: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: UnackedOptions) {
    this.#options = options;
  }

  /** Publications that were sent and are not confirmed. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of those. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One was given to the link. Hot path. */
  sent(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    this.#unprobed++;
    this.#unprobedBytes += bytes;
    if (this.#unprobed >= probeCount || this.#unprobedBytes >= probeBytes) this.#probe();
    else if (this.#timer === undefined) this.#settleLater();
  }

  /** One was not sent, or was answered with an error. */
  failed(reason: Error, count = 1): void {
    this.lost += count;
    this.#untold += count;
    this.#reason = reason;
    this.#settleLater();
  }

  /** The link is gone, and with it what was not confirmed. */
  linkLost(reason: Error): void {
    const count = this.#count;
    this.#forget();
    if (count > 0) this.failed(reason, count);
  }

  /** Has everything confirmed that was sent. */
  settle(): void {
    if (this.#unprobed > 0) this.#probe();
  }

  /** The client closes: the sent publications are with the kernel, and no acknowledgement is awaited. */
  stop(): void {
    this.#isStopped = true;
    this.#forget();
    this.#tell();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #probe(): void {
    const generation = this.#generation;
    const count = this.#unprobed;
    const bytes = this.#unprobedBytes;
    this.#unprobed = 0;
    this.#unprobedBytes = 0;
    // Without an answer the link is given up, which tells of everything that was on it.
    this.#options.probe(() => {
      if (generation !== this.#generation) return;
      this.#count -= count;
      this.#bytes -= bytes;
    });
  }

  #settleLater(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#tell();
        this.settle();
      },
      this.#isStopped ? 0 : settleMs,
    );
  }

  #tell(): void {
    const count = this.#untold;
    this.#untold = 0;
    if (count > 0 && this.#reason !== undefined) this.#options.onLoss(lossError(count, this.#reason));
    this.#reason = undefined;
  }

  #forget(): void {
    this.#generation++;
    this.#count = 0;
    this.#bytes = 0;
    this.#unprobed = 0;
    this.#unprobedBytes = 0;
  }
}

function lossError(count: number, reason: Error): Error {
  const text = `Publications without an ack that were lost, or may have been: ${count}. ${reason.message}`;
  const Kind = reason instanceof ResourceLimitError ? ResourceLimitError : BadConnectionError;
  return new Kind(text, undefined, { cause: reason });
}

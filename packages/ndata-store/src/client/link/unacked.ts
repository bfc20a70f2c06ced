import { BadConnectionError, ResourceLimitError } from 'sc-protocol';

/** Number and bytes of unconfirmed publications after which a probe is sent. */
const probeCount = 256;
const probeBytes = 256 * 1024;

/** Milliseconds until remaining publications are probed and losses are reported, batched into one error. */
const settleMs = 1000;

export interface UnackedOptions {
  /** Sends a call to which the store responds after it has received everything sent before. */
  readonly probe: (done: () => void) => void;
  /** Reports how many publications were or may have been lost, with the latest cause. */
  readonly onLoss: (error: Error) => void;
}

/**
 * Fire-and-forget publications of a link. The response to an occasional probe confirms all publications sent before it,
 * so that unconfirmed ones can be counted, an unresponsive store is detected, and every loss is reported.
 */
export class UnackedPublications {
  /** Publications that are or may be lost: refused, failed, or unconfirmed when their link was lost. */
  lost = 0;
  readonly #options: UnackedOptions;
  #count = 0;
  #bytes = 0;
  /** Publications not covered by a probe yet. */
  #unprobed = 0;
  #unprobedBytes = 0;
  /** Incremented with each link loss, to ignore responses to probes of an earlier link. */
  #generation = 0;
  #untold = 0;
  #reason: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: UnackedOptions) {
    this.#options = options;
  }

  /** Number of unconfirmed publications. */
  get count(): number {
    return this.#count;
  }

  /** Total bytes of unconfirmed publications. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a publication that was written to the link. Hot path. */
  sent(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    this.#unprobed++;
    this.#unprobedBytes += bytes;
    if (this.#unprobed >= probeCount || this.#unprobedBytes >= probeBytes) this.#probe();
    else if (this.#timer === undefined) this.#settleLater();
  }

  /** Counts publications that were not sent, or to which the store responded with an error. */
  failed(reason: Error, count = 1): void {
    this.lost += count;
    this.#untold += count;
    this.#reason = reason;
    this.#settleLater();
  }

  /** The link is lost: count all unconfirmed publications as lost. */
  linkLost(reason: Error): void {
    const count = this.#count;
    this.#forget();
    if (count > 0) this.failed(reason, count);
  }

  /** Sends a probe if any publication is not covered by one. */
  settle(): void {
    if (this.#unprobed > 0) this.#probe();
  }

  /** The client closes. Sent publications are in the kernel's buffer; their confirmation is not awaited. */
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
    // If no response arrives, the link is closed, and `linkLost` counts all its unconfirmed publications as lost.
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

import type { GapReason, Position, PublicationPosition } from 'sc-protocol';

/**
 * Recovery details of the event `subscribe`. Both fields are absent unless the subscription continues from a position.
 */
export interface SubscribeStatus {
  /**
   * `true`: all publications since the position follow, in order, exactly once. `false`: publications may be missing.
   */
  readonly recovered?: boolean;
  /** Why publications may be missing. */
  readonly reason?: GapReason;
}

/** Classifies a publication: the next one, seen before, or after a gap. */
export type PublicationVerdict = 'next' | 'seen' | 'gap';

/** The position of a subscriber in its channel's stream. Only this class assigns it. */
export class ChannelPosition {
  #epoch = '';
  /** The last offset seen; `undefined` without a stream, and before the first publication of a rewind. */
  #offset: number | undefined;
  /** The newest offset when the subscription was acknowledged. */
  #joined = 0;

  /** The current position, if known. */
  get value(): Position | undefined {
    return this.#offset === undefined ? undefined : { epoch: this.#epoch, offset: this.#offset };
  }

  /** Continues from this position. An empty epoch means that there is no stream. */
  move(epoch: string, offset: number | undefined): void {
    this.#epoch = epoch;
    this.#offset = epoch ? offset : undefined;
  }

  /** Clears the position. */
  forget(): void {
    this.move('', undefined);
    this.#joined = 0;
  }

  /** Applies the data of a subscribe ack. Does not trust its shape. */
  accept(answer: unknown): SubscribeStatus {
    const { epoch, offset, recovered, reason, missed } = Object(answer) as Record<string, unknown>;
    if (typeof epoch !== 'string' || !Number.isSafeInteger(offset)) this.forget();
    else {
      const joined = (this.#joined = offset as number);
      // The missed publications follow and advance the offset.
      const isBehind = typeof missed === 'number' && missed > 0;
      this.move(epoch, isBehind ? (recovered === true ? this.#offset : undefined) : joined);
    }
    if (typeof recovered !== 'boolean') return {};
    return recovered ? { recovered } : { recovered, reason: reason as GapReason };
  }

  /**
   * Classifies a publication, and advances past the next one. Volatile publications have no offset and are always
   * next.
   */
  take({ offset, prev, epoch = this.#epoch }: PublicationPosition): PublicationVerdict {
    if (offset === undefined) return 'next';
    const at = this.#offset;
    // The subscribe ack contains the epoch at the top of the stream, so an older epoch in past publications is not new.
    const isNew = epoch !== this.#epoch && !this.isPast(offset);
    if (at !== undefined) {
      if (offset <= at && !isNew) return 'seen';
      if ((prev ?? offset - 1) > at || offset <= at) return 'gap';
    }
    if (isNew) this.#epoch = epoch;
    if (this.#epoch) this.#offset = offset;
    return 'next';
  }

  /** Whether a publication is older than the subscription. */
  isPast(offset: number): boolean {
    return offset <= this.#joined;
  }
}

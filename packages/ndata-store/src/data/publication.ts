import type { Buffer } from 'node:buffer';
import type { Once } from './publishers.js';
import type { StreamLimits } from './stream.js';

/**
 * One publication, from the store to the process that delivers it. All recipients share the payload, so it must not be
 * modified.
 */
export class Publication {
  /** Channel of the publication. */
  readonly channel: string;
  /** Encoded data of the publication. */
  readonly payload: Uint8Array;
  /** May be dropped under pressure; has no offset. */
  readonly isVolatile: boolean;
  /**
   * Sequence number among all publications of the channel, kept or not: a skipped number is a lost publication. Set on
   * delivery.
   */
  live: number;
  /** Offset in the channel's stream; 0 if it is not kept. */
  readonly offset: number;
  /** Offset of the previous publication in the stream. */
  readonly prev: number;
  /** The stream's epoch. Set only on the first publication of an epoch. */
  readonly epoch: string | undefined;
  /** Text from the publisher for the processes that deliver it. Not kept in the stream. */
  headers: string | undefined = undefined;
  /** The publication as a link frame, encoded when the first link needs it. */
  frame: Buffer | undefined = undefined;

  /** Creates a publication; `payload` is not copied. */
  constructor(
    channel: string,
    payload: Uint8Array,
    isVolatile = false,
    offset = 0,
    epoch?: string,
    live = 0,
    prev: number = offset - 1,
  ) {
    this.channel = channel;
    this.payload = payload;
    this.isVolatile = isVolatile;
    this.offset = offset;
    this.epoch = epoch;
    this.live = live;
    this.prev = prev;
  }
}

/** Optional parts of a publication. */
export interface PublishDetails {
  /** Begins a stream with these limits if there is none. */
  readonly keep?: StreamLimits | undefined;
  /** Identifies the publication when it is resent. */
  readonly once?: Once | undefined;
  /** JSON for the subscribing links; not kept. */
  readonly headers?: string | undefined;
}

import type { Buffer } from 'node:buffer';
import type { Once } from './publishers.js';
import type { StreamLimits } from './stream.js';

/**
 * One publication, from the store to the process that delivers it. All recipients share the payload, so it is never
 * modified.
 */
export class Publication {
  /** Channel of the publication. */
  readonly channel: string;
  /** Encoded data of the publication. */
  readonly payload: Uint8Array;
  /** It may be dropped under pressure; it has no offset. */
  readonly isVolatile: boolean;
  /**
   * Counts the publications of the channel, kept or not, one by one: a subscriber that misses a number has lost a
   * publication. Set when it is delivered.
   */
  live: number;
  /** Its place in the channel's stream; 0 when it is not kept. */
  readonly offset: number;
  /** The offset of the publication before it in the stream. */
  readonly prev: number;
  /** The stream's epoch, where it differs from the one before: on the first publication of a stream. */
  readonly epoch: string | undefined;
  /** Text of the publisher for the processes that deliver it. Not kept in the stream. */
  headers: string | undefined = undefined;
  /** The publication as one frame of a link, encoded when the first link wants it. */
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
  /** Begins a stream with these limits where there is none. */
  readonly keep?: StreamLimits | undefined;
  /** Identifies the publication when it is sent again. */
  readonly once?: Once | undefined;
  /** JSON for the subscribing links; not kept. */
  readonly headers?: string | undefined;
}

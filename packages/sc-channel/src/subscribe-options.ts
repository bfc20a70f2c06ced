import type { Position, Rewind } from 'sc-protocol';

/** Options of a subscription. */
export interface SubscribeOptions {
  /** Wait until the socket has a valid auth token; until then the subscription stays pending. @default false */
  readonly waitForAuth?: boolean;
  /** Anything that the server's subscribe middleware should see. */
  readonly data?: unknown;
  /** After a reconnect, channels with a higher number are asked for first. @default 0 */
  readonly priority?: number;
  /** Let the server put its answer into one message with others. @default false */
  readonly batch?: boolean;
  /**
   * Past publications that the subscription begins with: a number of them, or those of so many milliseconds. Counts until
   * there is a position; from then on the subscription goes on from there. @default none
   */
  readonly rewind?: Rewind;
  /** Begin behind this position, for example one that came with a page. Counts until the channel is subscribed. */
  readonly since?: Position;
}

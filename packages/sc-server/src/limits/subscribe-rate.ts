import { TokenBucket } from './token-bucket.js';

/**
 * Limits the subscriptions of each socket: `rate` channels per second, `burst` at most, as after a reconnect. State is
 * kept only for sockets that subscribe.
 */
export class SubscribeRate {
  readonly #rate: number;
  readonly #burst: number;
  readonly #buckets = new WeakMap<object, TokenBucket>();

  /** A rate of 0 disables the limit. */
  constructor(rate: number, burst: number) {
    this.#rate = rate;
    this.#burst = burst;
  }

  /** Spends the count if the subscriber has enough tokens. Returns whether it did. */
  spend(subscriber: object, count: number): boolean {
    if (this.#rate === 0) return true;
    let bucket = this.#buckets.get(subscriber);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, this.#burst);
      this.#buckets.set(subscriber, bucket);
    }
    return bucket.take(count);
  }
}

import { randomBytes } from 'node:crypto';
import type { PublishOptions } from '../commands/channels.js';

/** Maximum number of channels whose last number is kept; the least recently used is evicted first. */
const maxChannels = 10_000;

/**
 * Numbers the publications of a client that is connected by links, so that a publication in flight at a link loss can
 * be resent and is published only once.
 */
export class PublishNumbers {
  readonly #publisher = randomBytes(16).toString('base64url');
  readonly #last = new Map<string, number>();
  /** The highest number of any evicted channel. */
  #floor = 0;

  /**
   * Returns the options with `publisher` and `seq`. Volatile publications, and publications with a `seq` or `id` of the
   * caller, are left unchanged.
   */
  number(channel: string, options: PublishOptions | undefined): PublishOptions {
    if (options?.volatile === true || options?.seq !== undefined || options?.id !== undefined) return options;
    const seq = (this.#last.get(channel) ?? this.#floor) + 1;
    this.#last.delete(channel);
    this.#last.set(channel, seq);
    if (this.#last.size > maxChannels) this.#forgetOldest();
    return options === undefined
      ? { publisher: this.#publisher, seq }
      : { ...options, publisher: this.#publisher, seq };
  }

  #forgetOldest(): void {
    for (const [channel, seq] of this.#last) {
      this.#floor = Math.max(this.#floor, seq);
      this.#last.delete(channel);
      return;
    }
  }
}

import { randomBytes } from 'node:crypto';
import type { PublishOptions } from '../commands/channels.js';

/** Channels whose last number is remembered; the one that was used least recently is forgotten first. */
const maxChannels = 10_000;

/**
 * Numbers the publications of a client that is connected by links, so that one that was on a link that broke is sent again and
 * is published once.
 */
export class PublishNumbers {
  readonly #publisher = randomBytes(16).toString('base64url');
  readonly #last = new Map<string, number>();
  /** No forgotten channel has a higher number. */
  #floor = 0;

  /** Options that number the publication. Volatile ones, and those that the caller can tell from others, stay as they are. */
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

import type { Logger } from '../log/logger.js';
import type { PublicationLoss } from './channel-feed.js';

/** Milliseconds within which losses are aggregated into one log entry; losses of one cause arrive close together. */
const burstMs = 1_000;
/** Maximum channels named in a log entry. */
const namedChannels = 5;

/** Counts publications that this process missed, and logs one entry for each burst. */
export class LossReport {
  /** Number of publications known to be lost. */
  publications = 0;
  /** Number of gaps of unknown size. */
  unknownGaps = 0;
  readonly #logger: Logger;
  readonly #channels = new Set<string>();
  #burstPublications = 0;
  #burstUnknown = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add({ channel, count }: PublicationLoss): void {
    this.#channels.add(channel);
    if (count === undefined) {
      this.unknownGaps++;
      this.#burstUnknown++;
    } else {
      this.publications += count;
      this.#burstPublications += count;
    }
    this.#timer ??= setTimeout(() => this.#log(), burstMs).unref();
  }

  /** Logs the pending burst and stops. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#timer !== undefined) this.#log();
  }

  #log(): void {
    this.#timer = undefined;
    const channels = [...this.#channels];
    this.#logger.warn('Publications did not reach this process, and no stream holds them', {
      publications: this.#burstPublications,
      unknownGaps: this.#burstUnknown,
      channels: channels.length,
      examples: channels.slice(0, namedChannels),
    });
    this.#channels.clear();
    this.#burstPublications = 0;
    this.#burstUnknown = 0;
  }
}

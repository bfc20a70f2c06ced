import type { Streams } from './streams.js';
import type { Topics } from './topics.js';

/** A channel with a subscribed process or a stream. */
export interface ListedChannel {
  /** Name of the channel. */
  readonly channel: string;
  /** Publications per second during the measurement. */
  readonly perSecond: number;
  /** Number of subscribed processes, each with any number of clients. */
  readonly processes: number;
  /** Epoch of its stream, if it has one. */
  readonly epoch?: string;
  /** The newest offset of its stream; 0 before the first publication. */
  readonly top?: number;
  /** Number of publications in its stream. */
  readonly kept?: number;
}

/** Selects channels. */
export interface ActivityQuery {
  readonly startsWith: string;
  readonly channels?: ReadonlySet<string>;
  readonly limit: number;
  readonly overMs: number;
}

interface Measurement {
  readonly startedAt: number;
  readonly done: Promise<void>;
  readonly end: () => void;
}

/**
 * Finds the channels with the most publications. Publications are counted for subscribers anyway: a measurement records
 * the counts and compares them later, without any cost to publishing.
 */
export class ChannelActivity {
  readonly #topics: Topics;
  readonly #streams: Streams;
  #measurement: Measurement | undefined;

  constructor(topics: Topics, streams: Streams) {
    this.#topics = topics;
    this.#streams = streams;
  }

  /**
   * Lists the most active channels; ties are ordered by subscribed processes, then by name. Concurrent callers share a
   * measurement.
   */
  async top({ overMs, ...query }: ActivityQuery): Promise<ListedChannel[]> {
    this.#measurement ??= this.#begin(overMs);
    const { startedAt, done } = this.#measurement;
    await done;
    return this.#list(query, Math.max(1, performance.now() - startedAt) / 1_000);
  }

  stop(): void {
    this.#measurement?.end();
  }

  #begin(overMs: number): Measurement {
    this.#topics.mark();
    this.#streams.mark();
    let end: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      const timer = setTimeout(() => end(), overMs);
      timer.unref();
      end = () => {
        clearTimeout(timer);
        this.#measurement = undefined;
        resolve();
      };
    });
    return { startedAt: performance.now(), done, end };
  }

  #list({ startsWith, channels, limit }: Omit<ActivityQuery, 'overMs'>, seconds: number): ListedChannel[] {
    let listed: ListedChannel[] = [];
    const take = (channel: string, count: number, processes: number): void => {
      if (!channel.startsWith(startsWith) || channels?.has(channel) === false) return;
      const stream = this.#streams.get(channel);
      const publications = Math.max(count, stream === undefined ? 0 : stream.top - stream.marked);
      listed.push({
        channel,
        perSecond: Math.round((publications / seconds) * 10) / 10,
        processes,
        ...(stream !== undefined && { epoch: stream.epoch, top: stream.top, kept: stream.size }),
      });
      if (listed.length >= limit * 2 + 100) listed = mostActive(listed, limit);
    };
    for (const { channel, count, sinks } of this.#topics.activity()) take(channel, count, sinks);
    for (const channel of this.#streams.names()) if (!this.#topics.isKnown(channel)) take(channel, 0, 0);
    return mostActive(listed, limit);
  }
}

/** The most active channels of a list, in order. */
export function mostActive(listed: ListedChannel[], limit: number): ListedChannel[] {
  return listed
    .sort(
      (one, other) =>
        other.perSecond - one.perSecond ||
        other.processes - one.processes ||
        (one.channel < other.channel ? -1 : Number(one.channel > other.channel)),
    )
    .slice(0, limit);
}

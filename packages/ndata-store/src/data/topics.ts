import type { Publication } from './publication.js';

/** A subscriber of topics. */
export interface Sink {
  /** Receives a publication. Must not block or throw. */
  deliver(publication: Publication): void;
}

/** Approximate memory of a channel without its name, and of a subscription here and in its caller. */
const topicBytes = 250;
const subscriptionBytes = 80;

interface Topic {
  /** Number of the channel's last publication. */
  live: number;
  /** Value of `live` when the last activity measurement began. */
  marked: number;
  /** Identifies this count among all counts of the channel. */
  readonly count: number;
  readonly sinks: Set<Sink>;
}

export interface TopicState {
  readonly isFirst: boolean;
  readonly live: number;
  /** Identifies the count that `live` belongs to. */
  readonly count: number;
}

/** Milliseconds for which counting continues after the last subscriber was lost, so that its gap is known exactly. */
export const lingerMs = 60_000;

/** Maximum number of counts ended per sweep. */
const sweepCount = 1000;

/** Maximum number of counts without a subscriber. */
const maxLingering = 1_000_000;

/** The sinks subscribed to each channel, and the number of publications of each channel. */
export class Topics {
  /** Number of deliveries to sinks. */
  deliveries = 0;
  readonly #topics = new Map<string, Topic>();
  /** Channels whose last subscriber was lost, with the time at which counting ends; oldest first. */
  readonly #lingering = new Map<string, number>();
  #counts = 0;
  #published = 0;
  #bytes = 0;

  /** Approximate memory of channels and subscriptions in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of channels with a subscriber. */
  get size(): number {
    return this.#topics.size - this.#lingering.size;
  }

  channels(): string[] {
    return [...this.#topics.keys()].filter((channel) => !this.#lingering.has(channel));
  }

  has(channel: string): boolean {
    return this.#topics.has(channel) && !this.#lingering.has(channel);
  }

  subscribe(channel: string, sink: Sink): TopicState {
    let topic = this.#topics.get(channel);
    if (topic === undefined) {
      // Start above every number that the channel may have had, so that numbers of an earlier count are never taken for
      // new.
      topic = { live: this.#published, marked: this.#published, count: ++this.#counts, sinks: new Set() };
      this.#topics.set(channel, topic);
      this.#bytes += topicBytes + channel.length;
    }
    const isFirst = topic.sinks.size === 0;
    if (isFirst) this.#lingering.delete(channel);
    if (!topic.sinks.has(sink)) this.#bytes += subscriptionBytes;
    topic.sinks.add(sink);
    return { isFirst, live: topic.live, count: topic.count };
  }

  /** Returns whether that was the channel's last subscription. */
  unsubscribe(channel: string, sink: Sink): boolean {
    const topic = this.#topics.get(channel);
    if (topic?.sinks.delete(sink) !== true) return false;
    this.#bytes -= subscriptionBytes;
    if (topic.sinks.size > 0) return false;
    this.#bytes -= topicBytes + channel.length;
    this.#topics.delete(channel);
    return true;
  }

  /** Like `unsubscribe`, for a sink that may reconnect: counting continues for `lingerMs`. */
  lost(channel: string, sink: Sink, now: number): boolean {
    const topic = this.#topics.get(channel);
    if (topic?.sinks.delete(sink) !== true) return false;
    this.#bytes -= subscriptionBytes;
    if (topic.sinks.size > 0) return false;
    this.#lingering.set(channel, now + lingerMs);
    if (this.#lingering.size > maxLingering) for (const [oldest] of this.#lingering) if (this.#end(oldest)) break;
    return true;
  }

  /** Ends some of the expired counts. Returns whether there are more. */
  sweep(now: number): boolean {
    let count = 0;
    for (const [channel, until] of this.#lingering) {
      if (until > now) break;
      if (count++ === sweepCount) return true;
      this.#end(channel);
    }
    return false;
  }

  /** Hot path. Counts the publication and delivers it synchronously to every subscribed sink. */
  publish(publication: Publication): void {
    const topic = this.#topics.get(publication.channel);
    if (topic === undefined) return;
    this.#published++;
    this.deliveries += topic.sinks.size;
    publication.live = ++topic.live;
    for (const sink of topic.sinks) sink.deliver(publication);
  }

  /** Whether the channel has a subscriber, or is still counted for one that may reconnect. */
  isKnown(channel: string): boolean {
    return this.#topics.has(channel);
  }

  /** Begins a measurement: `activity` counts from here. */
  mark(): void {
    for (const topic of this.#topics.values()) topic.marked = topic.live;
  }

  /** Publications of each channel since `mark`, and how many sinks it has. */
  *activity(): Generator<{ readonly channel: string; readonly count: number; readonly sinks: number }> {
    for (const [channel, { live, marked, sinks }] of this.#topics) {
      yield { channel, count: live - marked, sinks: sinks.size };
    }
  }

  #end(channel: string): boolean {
    this.#topics.delete(channel);
    this.#bytes -= topicBytes + channel.length;
    return this.#lingering.delete(channel);
  }
}

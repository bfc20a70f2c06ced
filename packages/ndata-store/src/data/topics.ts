import type { Publication } from './publication.js';

/** A subscriber of topics. */
export interface Sink {
  /** Takes a publication without waiting and without failing. */
  deliver(publication: Publication): void;
}

/** Memory of a channel besides its name, and of a subscription here and in its caller. */
const topicBytes = 250;
const subscriptionBytes = 80;

interface Topic {
  /** Publications since the count began. */
  live: number;
  /** Where `live` was when the last measurement of activity began. */
  marked: number;
  /** Tells this count from every other of the channel. */
  readonly count: number;
  readonly sinks: Set<Sink>;
}

export interface TopicState {
  readonly isFirst: boolean;
  readonly live: number;
  /** Names the count. */
  readonly count: number;
}

/** Milliseconds that a count goes on after the last subscriber was lost, so that its gap can be told exactly. */
export const lingerMs = 60_000;

/** Counts that one sweep ends. */
const sweepCount = 1000;

/** Counts that go on without a subscriber, at most. */
const maxLingering = 1_000_000;

/** Which sinks are subscribed to which channel, and how many publications each channel had. */
export class Topics {
  /** Publications given to a sink. */
  deliveries = 0;
  readonly #topics = new Map<string, Topic>();
  /** Channels whose last subscriber was lost, and until when they are counted on; the oldest first. */
  readonly #lingering = new Map<string, number>();
  #counts = 0;
  #published = 0;
  #bytes = 0;

  /** About how many bytes channels and subscriptions take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Channels with a subscriber. */
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
      // Begins above every number that the channel may have had, so that numbers of an earlier count are never taken for new.
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

  /** As `unsubscribe`, for a sink that may come back: the channel is counted on for a while. */
  lost(channel: string, sink: Sink, now: number): boolean {
    const topic = this.#topics.get(channel);
    if (topic?.sinks.delete(sink) !== true) return false;
    this.#bytes -= subscriptionBytes;
    if (topic.sinks.size > 0) return false;
    this.#lingering.set(channel, now + lingerMs);
    if (this.#lingering.size > maxLingering) for (const [oldest] of this.#lingering) if (this.#end(oldest)) break;
    return true;
  }

  /** Ends some of the unclaimed counts. Returns whether there are more. */
  sweep(now: number): boolean {
    let count = 0;
    for (const [channel, until] of this.#lingering) {
      if (until > now) break;
      if (count++ === sweepCount) return true;
      this.#end(channel);
    }
    return false;
  }

  /** Hot path. Counts the publication, and delivers it to every subscribed sink before it returns. */
  publish(publication: Publication): void {
    const topic = this.#topics.get(publication.channel);
    if (topic === undefined) return;
    this.#published++;
    this.deliveries += topic.sinks.size;
    publication.live = ++topic.live;
    for (const sink of topic.sinks) sink.deliver(publication);
  }

  /** Whether the channel has a subscriber, or is counted on for one that may come back. */
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

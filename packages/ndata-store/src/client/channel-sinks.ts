import type { ChannelSink, Since, SubscribedPage } from '../channel-sink.js';
import type { Publication } from '../data/publication.js';

/** One sink of one channel at one store. */
export interface SinkEntry {
  readonly channel: string;
  readonly sink: ChannelSink;
  readonly since: Since | undefined;
  /** `asked`: the subscribe request is in flight. `open`: the store delivers. */
  state: 'waiting' | 'asked' | 'open' | 'closed';
  /** Number of the last publication that was delivered to the sink or reported to it as lost. */
  live: number;
  /** Buffers publications received before the subscribe reply, which waits for the store's log. */
  held: Held | undefined;
}

interface Held {
  readonly publications: Publication[];
  bytes: number;
  /** Number of the last publication dropped by the store or by this buffer. */
  lostLive: number;
}

/** Maximum number of buffered publications. Further ones are dropped and reported to the sink as lost. */
const maxHeld = 1000;
const maxHeldBytes = 1024 * 1024;

/**
 * The sinks of a store's channels. A channel may have several sinks: each has its own subscribe reply, and each
 * publication, sent once by the store, is delivered to all of them.
 */
export class ChannelSinks {
  readonly #channels = new Map<string, SinkEntry[]>();
  readonly #onThrow: (error: Error) => void;
  #wanted: SinkEntry[] | undefined;
  #openCount = 0;

  constructor(onThrow: (error: Error) => void) {
    this.#onThrow = onThrow;
  }

  /** Number of channels. */
  get size(): number {
    return this.#channels.size;
  }

  add(channel: string, sink: ChannelSink, since: Since | undefined): SinkEntry {
    const entry: SinkEntry = { channel, sink, since, state: 'waiting', live: 0, held: undefined };
    const entries = this.#channels.get(channel);
    if (entries === undefined) this.#channels.set(channel, [entry]);
    else entries.push(entry);
    return entry;
  }

  /** Number of channels with an open sink. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Returns whether it was the last sink of its channel. */
  remove(entry: SinkEntry): boolean {
    const wasOpen = entry.state === 'open';
    entry.state = 'closed';
    if (wasOpen && !this.isOpen(entry.channel)) this.#openCount--;
    const entries = this.#channels.get(entry.channel);
    if (entries?.includes(entry) !== true) return false;
    if (entries.length === 1) return this.#channels.delete(entry.channel);
    // Copy on write: a delivery may be iterating over the array.
    this.#channels.set(
      entry.channel,
      entries.filter((one) => one !== entry),
    );
    return false;
  }

  /** Channels with an open sink. */
  open(): string[] {
    return [...this.#channels].filter(([, entries]) => entries.some(isOpen)).map(([channel]) => channel);
  }

  isOpen(channel: string): boolean {
    return this.#channels.get(channel)?.some(isOpen) === true;
  }

  /** Iterates over all sinks, including sinks that are added meanwhile. */
  *all(): Iterable<SinkEntry> {
    for (const entries of this.#channels.values()) yield* entries;
  }

  /** Hot path. Whether the channel has a sink. If so, its publication must be passed to `deliver` next. */
  readonly wants = (channel: string): boolean => {
    this.#wanted = this.#channels.get(channel);
    return this.#wanted !== undefined;
  };

  /** Hot path. Delivers a publication of the channel last passed to `wants`. */
  deliver(publication: Publication): void {
    const entries = this.#wanted;
    if (entries === undefined) return;
    for (const entry of entries) {
      if (entry.state !== 'open') {
        if (entry.state === 'asked') hold(entry, publication);
        continue;
      }
      entry.live = publication.live;
      try {
        entry.sink.publication(publication);
      } catch (error) {
        // An exception in a sink must not break the link.
        this.#onThrow(error as Error);
      }
    }
  }

  subscribed(entry: SinkEntry, page: SubscribedPage): void {
    const { held } = entry;
    if (!this.isOpen(entry.channel)) this.#openCount++;
    entry.state = 'open';
    entry.held = undefined;
    entry.live = page.live;
    this.#guard(() => entry.sink.subscribed(page));
    if (held === undefined) return;
    for (const publication of held.publications) {
      // Publications up to `page.live` precede this subscription.
      if (publication.live <= page.live) continue;
      entry.live = publication.live;
      this.#guard(() => entry.sink.publication(publication));
    }
    this.#lost(entry, held.lostLive);
  }

  refused(entry: SinkEntry, error: Error): void {
    this.remove(entry);
    this.#guard(() => entry.sink.refused(error));
  }

  /** The link is lost: notify all sinks that are open or pending. */
  interrupted(error: Error): void {
    this.#openCount = 0;
    for (const entry of [...this.all()]) {
      if (entry.state !== 'open' && entry.state !== 'asked') continue;
      entry.state = 'waiting';
      entry.held = undefined;
      this.#guard(() => entry.sink.interrupted(error));
    }
  }

  /** The store has dropped publications of the channel, up to this number. */
  lost(channel: string, live: number): void {
    for (const entry of [...(this.#channels.get(channel) ?? [])]) {
      if (entry.state === 'open') this.#lost(entry, live);
      else if (entry.state === 'asked') held(entry).lostLive = live;
    }
  }

  /** The client is closed. */
  end(error: Error): void {
    for (const entry of [...this.all()]) this.refused(entry, error);
  }

  #lost(entry: SinkEntry, live: number): void {
    const count = live - entry.live;
    // The subscribe reply already covers publications up to this number.
    if (count <= 0) return;
    entry.live = live;
    this.#guard(() => entry.sink.lost(count, live));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onThrow(error as Error);
    }
  }
}

function held(entry: SinkEntry): Held {
  return (entry.held ??= { publications: [], bytes: 0, lostLive: 0 });
}

function hold(entry: SinkEntry, publication: Publication): void {
  const all = held(entry);
  if (all.publications.length >= maxHeld || all.bytes >= maxHeldBytes) {
    all.lostLive = publication.live;
    return;
  }
  all.publications.push(publication);
  all.bytes += publication.payload.length;
}

function isOpen(entry: SinkEntry): boolean {
  return entry.state === 'open';
}

import type { ChannelSink, Since, SubscribedPage } from '../channel-sink.js';
import type { Publication } from '../data/publication.js';

/** One sink of one channel at one store. */
export interface SinkEntry {
  readonly channel: string;
  readonly sink: ChannelSink;
  readonly since: Since | undefined;
  /** `open` while the store delivers; `asked` while its answer is on the way. */
  state: 'waiting' | 'asked' | 'open' | 'closed';
  /** The number of the last publication that the sink knows of. */
  live: number;
  /** Publications delivered between the subscription and its reply, which waits for the store's log. */
  held: Held | undefined;
}

interface Held {
  readonly publications: Publication[];
  bytes: number;
  /** The number of the last publication that was left out, by the store or here. */
  lostLive: number;
}

/** Maximum number of held publications. Further ones are dropped, and the sink is told of them. */
const maxHeld = 1000;
const maxHeldBytes = 1024 * 1024;

/**
 * The sinks of a store's channels. Several may be open for one channel: each is answered for itself, and all of them get
 * what the store delivers once.
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

  /** Number of channels that the store delivers at the moment. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Returns whether it was the last of its channel. */
  remove(entry: SinkEntry): boolean {
    const wasOpen = entry.state === 'open';
    entry.state = 'closed';
    if (wasOpen && !this.isOpen(entry.channel)) this.#openCount--;
    const entries = this.#channels.get(entry.channel);
    if (entries?.includes(entry) !== true) return false;
    if (entries.length === 1) return this.#channels.delete(entry.channel);
    // Not changed in place: a delivery may be going through them.
    this.#channels.set(
      entry.channel,
      entries.filter((one) => one !== entry),
    );
    return false;
  }

  /** Channels that the store delivers at the moment. */
  open(): string[] {
    return [...this.#channels].filter(([, entries]) => entries.some(isOpen)).map(([channel]) => channel);
  }

  isOpen(channel: string): boolean {
    return this.#channels.get(channel)?.some(isOpen) === true;
  }

  /** All of them; those that are added meanwhile are among them. */
  *all(): Iterable<SinkEntry> {
    for (const entries of this.#channels.values()) yield* entries;
  }

  /** Hot path. Whether the channel has a sink; `deliver` is to follow with its publication. */
  readonly wants = (channel: string): boolean => {
    this.#wanted = this.#channels.get(channel);
    return this.#wanted !== undefined;
  };

  /** Hot path. Delivers a publication of the channel that was asked for last. */
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
        // A fault of a sink must not break the link.
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
      // Earlier ones belong to the subscription before this one.
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

  /** The store is away: those that were open or asked for are told. */
  interrupted(error: Error): void {
    this.#openCount = 0;
    for (const entry of [...this.all()]) {
      if (entry.state !== 'open' && entry.state !== 'asked') continue;
      entry.state = 'waiting';
      entry.held = undefined;
      this.#guard(() => entry.sink.interrupted(error));
    }
  }

  /** The store has left out publications of the channel, up to this number. */
  lost(channel: string, live: number): void {
    for (const entry of [...(this.#channels.get(channel) ?? [])]) {
      if (entry.state === 'open') this.#lost(entry, live);
      else if (entry.state === 'asked') held(entry).lostLive = live;
    }
  }

  /** The client ends. */
  end(error: Error): void {
    for (const entry of [...this.all()]) this.refused(entry, error);
  }

  #lost(entry: SinkEntry, live: number): void {
    const count = live - entry.live;
    // The answer to the subscription covers publications up to this number.
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

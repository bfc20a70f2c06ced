import { Publication } from 'ndata-store';
import type { ChannelHandle, ChannelSink, SeenPosition, Store, StreamPosition, SubscribedPage } from 'ndata-store';
import type { GapReason } from 'sc-protocol';
import { FeedRecord } from './feed-record.js';
import { FeedRing, PastPublication } from './feed-ring.js';
import { nextFeedState, type FeedEvent, type FeedState } from './feed-state.js';

/** Publications of a channel that this process missed and that the channel's stream does not hold. */
export interface PublicationLoss {
  readonly channel: string;
  /** Number of lost publications; `undefined` if unknown, for example after the loss of a store that kept none. */
  readonly count: number | undefined;
}

/** Maximum previous epochs that a feed keeps. */
const maxEarlier = 16;

export interface FeedOwner {
  /** Hot path. Called once for each publication, in order. */
  deliver(publication: Publication): void;
  lost(loss: PublicationLoss): void;
  /**
   * The feed continues from another position. Its epoch is empty if the channel no longer has a stream. With a reason,
   * publications before the position are missing.
   */
  moved(feed: ChannelFeed, position: StreamPosition, reason: GapReason | undefined): void;
  subscribed(feed: ChannelFeed): void;
  /** The store refused the subscription. Call `open` to retry. */
  refused(feed: ChannelFeed, error: Error): void;
}

/**
 * The single subscription of this process to a channel at its store. Tracks the position and the live number of the
 * last delivered publication, to drop duplicates and detect gaps. Missing publications are read from the channel's
 * stream, or reported as lost.
 */
export class ChannelFeed {
  readonly channel: string;
  readonly #store: Store;
  readonly #owner: FeedOwner;
  #state: FeedState = 'joining';
  #handle: ChannelHandle | undefined;
  /** The current sink. Calls to earlier sinks are ignored. */
  #sink: ChannelSink | undefined;
  #epoch = '';
  #tail = 0;
  #live = 0;
  #count = '';
  #isLast = false;
  #moves = 0;
  readonly #ring = new FeedRing();
  #record: FeedRecord | undefined;
  /** Previous epochs, in which positions up to `top` are still valid. */
  #earlier: { readonly epoch: string; readonly top: number }[] = [];

  constructor(channel: string, store: Store, owner: FeedOwner) {
    this.channel = channel;
    this.#store = store;
    this.#owner = owner;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** The position of the last delivered publication; `undefined` if the channel has no stream. */
  get position(): StreamPosition | undefined {
    return this.#epoch === '' ? undefined : { epoch: this.#epoch, offset: this.#tail };
  }

  /** Whether new subscribers receive the channel's last publication. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** The store's live number of the last delivered publication, kept or not. Valid only in the state `live`. */
  get live(): number {
    return this.#live;
  }

  /** The store's count that the live numbers belong to. A restarted store begins a new count. */
  get count(): string {
    return this.#count;
  }

  get record(): FeedRecord | undefined {
    return this.#record;
  }

  /** Starts recording publications. Call it only in the state `live`. */
  startRecord(): FeedRecord {
    return (this.#record ??= new FeedRecord(this.#live));
  }

  stopRecord(): void {
    this.#record = undefined;
  }

  /** Number of times the feed continued from another position. Work based on an earlier one must be aborted. */
  get moves(): number {
    return this.#moves;
  }

  /**
   * The publications after an offset of the current stream, up to the current position; `undefined` if some are no
   * longer in memory.
   */
  after(offset: number): readonly PastPublication[] | undefined {
    return this.#ring.after(offset, this.#tail);
  }

  /** The newest `count` publications; `undefined` if the stream may have more of them. */
  newest(count: number): readonly PastPublication[] | undefined {
    return this.#tail === 0 ? [] : this.#ring.newest(count);
  }

  /** Whether the position belongs to the current stream, at or before the position of the feed. */
  knows({ epoch, offset }: StreamPosition): boolean {
    if (epoch === this.#epoch) return offset <= this.#tail;
    return this.#earlier.some((one) => one.epoch === epoch && offset <= one.top);
  }

  open(): void {
    const before = this.#handle;
    const sink = this.#createSink();
    this.#sink = sink;
    // Open the new sink before closing the old one, so that the store keeps delivering.
    this.#handle = this.#store.open(this.channel, sink, { since: () => this.#seen() });
    if (before !== undefined) before.close().catch(() => undefined);
  }

  /** Closes the subscription. Resolves when the store has acknowledged it. */
  async close(): Promise<void> {
    this.#move('close');
    this.#sink = undefined;
    await this.#handle?.close();
  }

  #seen(): SeenPosition | undefined {
    if (this.#state === 'joining') return undefined;
    return { position: this.position, live: this.#live, count: this.#count };
  }

  #createSink(): ChannelSink {
    const sink: ChannelSink = {
      subscribed: (page) => {
        if (this.#sink === sink) this.#subscribed(page);
      },
      publication: (publication) => {
        if (this.#sink === sink) this.#publication(publication);
      },
      lost: (_count, live) => {
        if (this.#sink === sink && this.#state === 'live') this.#lost(live);
      },
      interrupted: () => {
        if (this.#sink === sink) this.#move('interrupted');
      },
      refused: (error) => {
        if (this.#sink !== sink) return;
        this.#move('interrupted');
        this.#owner.refused(this, error);
      },
    };
    return sink;
  }

  #subscribed(page: SubscribedPage): void {
    const isFirst = this.#state === 'joining';
    if (!this.#move('subscribed')) return;
    this.#live = page.live;
    this.#count = page.count;
    this.#isLast = page.last === true;
    if (isFirst) {
      this.#tail = page.top;
      this.#epoch = page.epoch;
      this.#owner.subscribed(this);
    } else {
      this.#recover(page);
    }
    this.#record?.reset(this.#live);
  }

  /** Delivers the publications of the gap that the store has kept, and reports the others as lost. */
  #recover(page: SubscribedPage): void {
    if (page.recovered) {
      for (const { offset, payload } of page.publications) {
        if (offset > this.#tail)
          this.#deliver(new Publication(this.channel, payload, false, offset, this.#renew(page.epoch)));
      }
      this.#renew(page.epoch);
      // Offsets missing from a complete range belong to volatile publications.
      if (page.hasMore) this.#heal();
      else this.#tail = Math.max(this.#tail, page.top);
      return;
    }
    const hadStream = this.#epoch !== '';
    this.#tail = page.top;
    this.#ring.clear();
    this.#earlier = [];
    this.#epoch = page.epoch;
    const { missed: count } = page;
    if (count === undefined || count > 0) this.#owner.lost({ channel: this.channel, count });
    if (!hadStream && page.epoch === '') return;
    this.#moves++;
    const reason = count === 0 ? undefined : (page.reason ?? 'epoch');
    this.#owner.moved(this, { epoch: page.epoch, offset: page.top }, reason);
  }

  /** Continues the stream in this epoch. Returns the epoch if it has changed: the next publication must carry it. */
  #renew(epoch: string): string | undefined {
    if (epoch === this.#epoch) return undefined;
    this.#earlier = [...this.#earlier, { epoch: this.#epoch, top: this.#tail }].slice(-maxEarlier);
    this.#epoch = epoch;
    return epoch;
  }

  /** Hot path. Delivers a publication of the stream, and buffers it for catch-ups. */
  #deliver(publication: Publication): void {
    this.#tail = publication.offset;
    // A copy: the payload may be a view into a large buffer of the link.
    this.#ring.push(new PastPublication(publication.offset, Uint8Array.from(publication.payload), Date.now()));
    this.#owner.deliver(publication);
  }

  /** Hot path. */
  #publication(publication: Publication): void {
    if (this.#state !== 'live') return;
    const { live, offset } = publication;
    if (live > this.#live + 1) {
      this.#lost(live - 1);
      // The recovery from the stream includes this publication.
      if (this.position !== undefined) return;
    } else if (live <= this.#live) {
      return;
    }
    this.#live = live;
    if (offset === 0) {
      this.#owner.deliver(publication);
    } else {
      const { epoch } = publication;
      if (epoch !== undefined && epoch !== this.#epoch) this.#began(epoch, publication.prev);
      else if (offset <= this.#tail) {
        this.#record?.advance(live);
        return;
      }
      this.#deliver(publication);
    }
    this.#record?.push(publication);
  }

  /** Handles a publication with a new epoch: a new life of the same stream, or another stream. */
  #began(epoch: string, prev: number): void {
    if (isSameStream(epoch, this.#epoch) && prev === this.#tail) {
      this.#renew(epoch);
      return;
    }
    const hadStream = this.#epoch !== '';
    this.#ring.clear();
    this.#earlier = [];
    this.#epoch = epoch;
    this.#tail = prev;
    this.#moves++;
    this.#record?.reset(this.#live - 1);
    // No publication is missing, but positions in the previous stream are no longer valid.
    if (hadStream) this.#owner.moved(this, { epoch, offset: prev }, undefined);
  }

  /** Handles a gap: publications up to this live number are missing. */
  #lost(live: number): void {
    const count = live - this.#live;
    if (count <= 0) return;
    if (this.position !== undefined) {
      this.#heal();
      return;
    }
    this.#live = live;
    this.#record?.reset(live);
    this.#owner.lost({ channel: this.channel, count });
  }

  /** Subscribes again at the store, from the last delivered publication. */
  #heal(): void {
    if (this.#move('gap')) this.open();
  }

  #move(event: FeedEvent): boolean {
    const state = nextFeedState(this.#state, event);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }
}

/** Whether two epochs belong to the same stream, possibly in different lives of the store. */
export function isSameStream(one: string, other: string): boolean {
  return one.slice(0, one.lastIndexOf('.')) === other.slice(0, other.lastIndexOf('.'));
}

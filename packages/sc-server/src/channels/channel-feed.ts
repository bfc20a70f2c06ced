import { Publication } from 'ndata-store';
import type { ChannelHandle, ChannelSink, SeenPosition, Store, StreamPosition, SubscribedPage } from 'ndata-store';
import type { GapReason } from 'sc-protocol';
import { FeedRecord } from './feed-record.js';
import { FeedRing, PastPublication } from './feed-ring.js';
import { nextFeedState, type FeedEvent, type FeedState } from './feed-state.js';

/** Publications of a channel that this process did not get and that its stream does not hold. */
export interface PublicationLoss {
  readonly channel: string;
  /** Number of lost publications; `undefined` if unknown, as after the end of a store that kept none. */
  readonly count: number | undefined;
}

/** Epochs of before that a feed remembers. */
const maxEarlier = 16;

export interface FeedOwner {
  /** Hot path. Each publication once, in order. */
  deliver(publication: Publication): void;
  lost(loss: PublicationLoss): void;
  /**
   * The feed goes on from another position, whose epoch is empty when the channel has no stream any more. With a reason,
   * publications are missing before it.
   */
  moved(feed: ChannelFeed, position: StreamPosition, reason: GapReason | undefined): void;
  subscribed(feed: ChannelFeed): void;
  /** The store refuses the subscription. `open` asks again. */
  refused(feed: ChannelFeed, error: Error): void;
}

/**
 * The one subscription of this process to a channel at its store. Knows the position and the number of the last publication
 * that it has delivered, so that it drops what comes twice and notices what is missing: that is fetched from the channel's
 * stream, or reported.
 */
export class ChannelFeed {
  readonly channel: string;
  readonly #store: Store;
  readonly #owner: FeedOwner;
  #state: FeedState = 'joining';
  #handle: ChannelHandle | undefined;
  /** The sink that is listened to; those before it are not. */
  #sink: ChannelSink | undefined;
  #epoch = '';
  #tail = 0;
  #live = 0;
  #count = '';
  #isLast = false;
  #moves = 0;
  readonly #ring = new FeedRing();
  #record: FeedRecord | undefined;
  /** Epochs of before, in which positions up to an offset are still good. */
  #earlier: { readonly epoch: string; readonly top: number }[] = [];

  constructor(channel: string, store: Store, owner: FeedOwner) {
    this.channel = channel;
    this.#store = store;
    this.#owner = owner;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** The position of the last publication delivered; `undefined` when the channel has no stream. */
  get position(): StreamPosition | undefined {
    return this.#epoch === '' ? undefined : { epoch: this.#epoch, offset: this.#tail };
  }

  /** Whether new subscribers receive the channel's last publication. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** The store's number of the last publication delivered, kept or not. Of use only while the feed is `live`. */
  get live(): number {
    return this.#live;
  }

  /** Which count of the store its numbers belong to: a store that starts again begins another one. */
  get count(): string {
    return this.#count;
  }

  get record(): FeedRecord | undefined {
    return this.#record;
  }

  /** Remembers the publications from now on. Call it on a feed that is `live`. */
  startRecord(): FeedRecord {
    return (this.#record ??= new FeedRecord(this.#live));
  }

  stopRecord(): void {
    this.#record = undefined;
  }

  /** How often the feed went on from another position, so that work on an earlier one can be given up. */
  get moves(): number {
    return this.#moves;
  }

  /**
   * The publications after an offset of the current stream, up to the current position; `undefined` if some are not in
   * memory.
   */
  after(offset: number): readonly PastPublication[] | undefined {
    return this.#ring.after(offset, this.#tail);
  }

  /** The newest `count` publications; `undefined` if the stream may have more of them. */
  newest(count: number): readonly PastPublication[] | undefined {
    return this.#tail === 0 ? [] : this.#ring.newest(count);
  }

  /** Whether the position is known to be one of the present stream, at or before that of the feed. */
  knows({ epoch, offset }: StreamPosition): boolean {
    if (epoch === this.#epoch) return offset <= this.#tail;
    return this.#earlier.some((one) => one.epoch === epoch && offset <= one.top);
  }

  open(): void {
    const before = this.#handle;
    const sink = this.#createSink();
    this.#sink = sink;
    // The new sink first, so that the store goes on delivering.
    this.#handle = this.#store.open(this.channel, sink, { since: () => this.#seen() });
    if (before !== undefined) before.close().catch(() => undefined);
  }

  /** Resolves when the store knows. */
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

  /** Delivers what the store has kept of the gap, and reports the rest. */
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

  /** The stream goes on in this epoch. Returns it when it is another than before: the next publication says so. */
  #renew(epoch: string): string | undefined {
    if (epoch === this.#epoch) return undefined;
    this.#earlier = [...this.#earlier, { epoch: this.#epoch, top: this.#tail }].slice(-maxEarlier);
    this.#epoch = epoch;
    return epoch;
  }

  /** Hot path. Delivers a kept publication, and keeps it for those who come back. */
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
      // A feed that fetches what is missing gets this one too.
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

  /** A publication begins an epoch: a new life of the same stream, or another stream. */
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
    // No publication is missing, but positions in the stream before are no good any more.
    if (hadStream) this.#owner.moved(this, { epoch, offset: prev }, undefined);
  }

  /** Publications up to this number are missing. */
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

  /** Asks the store again, since the last publication that was delivered. */
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

/** Whether two epochs are of one stream, in different lives of the store or the same. */
export function isSameStream(one: string, other: string): boolean {
  return one.slice(0, one.lastIndexOf('.')) === other.slice(0, other.lastIndexOf('.'));
}

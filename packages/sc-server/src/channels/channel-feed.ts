import { Publication } from 'ndata-store';
import type { ChannelHandle, ChannelSink, SeenPosition, Store, StreamPosition, SubscribedPage } from 'ndata-store';
import { nextFeedState, type FeedEvent, type FeedState } from './feed-state.js';

/** Publications of a channel that this process did not get and that its stream does not hold. */
export interface PublicationLoss {
  readonly channel: string;
  /** How many; `undefined` when nobody knows, as after the end of a store that kept none. */
  readonly count: number | undefined;
}

export interface FeedOwner {
  /** Hot path. Each publication once, in order. */
  deliver(publication: Publication): void;
  lost(loss: PublicationLoss): void;
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
      lost: (count) => {
        if (this.#sink === sink) this.#missed(count);
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
    if (isFirst) this.#tail = page.top;
    else this.#recover(page);
    this.#epoch = page.epoch;
    this.#live = page.live;
    this.#count = page.count;
    if (isFirst) this.#owner.subscribed(this);
  }

  /** Delivers what the store has kept of the gap, and reports the rest. */
  #recover(page: SubscribedPage): void {
    let fetched = 0;
    if (page.recovered) {
      for (const { offset, payload } of page.publications) {
        if (offset <= this.#tail) continue;
        this.#tail = offset;
        fetched++;
        this.#owner.deliver(new Publication(this.channel, payload, false, offset));
      }
      this.#tail = Math.max(this.#tail, page.top);
      // Offsets missing from a complete range belong to volatile publications.
      if (!page.hasMore) return;
    }
    this.#tail = page.top;
    const count = page.missed === undefined ? undefined : page.missed - fetched;
    if (count === undefined || count > 0) this.#owner.lost({ channel: this.channel, count });
  }

  /** Hot path. */
  #publication(publication: Publication): void {
    if (this.#state !== 'live') return;
    const { live, offset } = publication;
    if (live > this.#live + 1) {
      this.#missed(live - this.#live - 1);
      // A feed that fetches what is missing gets this one too.
      if (this.position !== undefined) return;
    } else if (live <= this.#live) {
      return;
    }
    this.#live = live;
    if (offset > 0) {
      if (publication.epoch !== undefined) this.#epoch = publication.epoch;
      else if (offset <= this.#tail) return;
      this.#tail = offset;
    }
    this.#owner.deliver(publication);
  }

  #missed(count: number): void {
    if (this.position !== undefined) {
      if (this.#move('gap')) this.open();
      return;
    }
    this.#live += count;
    this.#owner.lost({ channel: this.channel, count });
  }

  #move(event: FeedEvent): boolean {
    const state = nextFeedState(this.#state, event);
    if (state === undefined) return false;
    this.#state = state;
    return true;
  }
}

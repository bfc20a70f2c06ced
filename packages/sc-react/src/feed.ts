import type { ChannelState, GapReason, PublicationInfo, SCChannel, SubscribeOptions, SubscribeStatus } from 'sc-client';
import type { AnySocket } from './context.js';

/** A publication that a channel received. */
export interface ReceivedPublication<Data> {
  readonly data: Data;
  /** Identifies the publication on the page, for the `key` of list items. */
  readonly key: string;
  /** Position in the channel's history; `undefined` in a channel without history. */
  readonly offset: number | undefined;
  /** Whether it was published before the page subscribed, or while the connection was lost. */
  readonly isPast: boolean;
}

/** Snapshot of a channel for rendering. Replaced at each change. */
export interface ChannelSnapshot<Data> {
  /** The newest publications, oldest first; at most `limit`. */
  readonly publications: readonly ReceivedPublication<Data>[];
  readonly state: ChannelState;
  /** The error of a refused subscription, or of one ended by the server. */
  readonly error: unknown;
  /**
   * Reason for missing publications after the last reconnect; `undefined` if none are missing, or if the channel has no
   * history.
   */
  readonly gap: GapReason | undefined;
}

/** Options of `useChannel`. Components that use equal options share one subscription. */
export interface ChannelFeedOptions extends Pick<SubscribeOptions, 'data' | 'priority' | 'rewind' | 'waitForAuth'> {
  /** Number of publications to keep, at least 1. @default 50 */
  readonly limit?: number;
}

const noPublications: readonly never[] = [];
/** Snapshot before a component is mounted, and during server-side rendering. */
export const unsubscribed: ChannelSnapshot<never> = {
  publications: noPublications,
  state: 'unsubscribed',
  error: undefined,
  gap: undefined,
};
const defaultLimit = 50;
/** Minimum time between two renders for publications: about one display frame. */
const renderIntervalMs = 16;

/** A subscription with its newest publications, shared by components with the same channel and options. */
export class ChannelFeed<Data> {
  readonly #channel: SCChannel<Data>;
  readonly #options: ChannelFeedOptions;
  readonly #listeners = new Set<() => void>();
  readonly #ended: () => void;
  #snapshot: ChannelSnapshot<Data> = { ...unsubscribed, state: 'pending' };
  /** Publications since the last snapshot. The list is copied only when a component reads it. */
  #added: ReceivedPublication<Data>[] = [];
  #received = 0;
  #endTimer: ReturnType<typeof setTimeout> | undefined;
  #tellTimer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;

  constructor(channel: SCChannel<Data>, options: ChannelFeedOptions, ended: () => void) {
    this.#channel = channel;
    this.#options = options;
    this.#ended = ended;
  }

  /** Subscribes with the first listener, and unsubscribes after the last one is removed. */
  listen(listener: () => void): () => void {
    clearTimeout(this.#endTimer);
    if (this.#listeners.size === 0 && this.#endTimer === undefined) this.#begin();
    this.#endTimer = undefined;
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      // Keep the subscription for a component that is remounted immediately, as by StrictMode, or replaced by another.
      if (this.#listeners.size === 0) this.#endTimer = setTimeout(() => this.#end(), 0);
    };
  }

  /** Returns the same object until something changes. */
  get snapshot(): ChannelSnapshot<Data> {
    if (this.#added.length > 0) {
      const publications = [...this.#snapshot.publications, ...this.#added].slice(-this.#limit);
      this.#added = [];
      this.#snapshot = { ...this.#snapshot, publications };
    }
    return this.#snapshot;
  }

  get #limit(): number {
    return this.#options.limit ?? defaultLimit;
  }

  #begin(): void {
    const { data, priority, rewind, waitForAuth } = this.#options;
    this.#channel
      .on('subscribe', this.#onSubscribe)
      .on('subscribeFail', this.#onFail)
      .on('kickOut', this.#onKickOut)
      .on('unsubscribe', this.#onUnsubscribe)
      .watch(this.#onPublication)
      .subscribe({
        ...(data !== undefined && { data }),
        ...(priority !== undefined && { priority }),
        ...(rewind !== undefined && { rewind }),
        ...(waitForAuth !== undefined && { waitForAuth }),
      });
    this.#change({ state: this.#channel.state });
  }

  #end(): void {
    clearTimeout(this.#tellTimer);
    this.#channel.destroy();
    this.#ended();
  }

  readonly #onPublication = (data: Data, { offset, isPast }: PublicationInfo): void => {
    this.#received += 1;
    const key = offset === undefined ? `${this.#received}` : `${this.#channel.position?.epoch ?? ''}:${offset}`;
    this.#added.push({ data, key, offset, isPast });
    // Bounds the buffer until the next render.
    if (this.#added.length > 2 * this.#limit) this.#added.splice(0, this.#added.length - this.#limit);
    this.#tellSoon();
  };

  readonly #onSubscribe = (_name: string, { recovered, reason }: SubscribeStatus): void => {
    this.#change({ state: 'subscribed', error: undefined, gap: recovered === false ? reason : undefined });
  };

  readonly #onFail = (error: unknown): void => this.#change({ state: this.#channel.state, error });

  readonly #onKickOut = (message: string): void =>
    this.#change({ state: this.#channel.state, error: new Error(message === '' ? 'Kicked out' : message) });

  readonly #onUnsubscribe = (): void => this.#change({ state: this.#channel.state });

  #change(part: Partial<ChannelSnapshot<Data>>): void {
    this.#snapshot = { ...this.snapshot, ...part };
    this.#tell();
  }

  /** Notifies immediately, or once for all publications of the next milliseconds. */
  #tellSoon(): void {
    if (this.#tellTimer !== undefined) return;
    const delayMs = this.#toldAt + renderIntervalMs - performance.now();
    if (delayMs <= 0) this.#tell();
    else this.#tellTimer = setTimeout(() => this.#tell(), delayMs);
  }

  #tell(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    this.#toldAt = performance.now();
    for (const listener of this.#listeners) listener();
  }
}

const feedsOf = new WeakMap<AnySocket, Map<string, ChannelFeed<unknown>>>();

/**
 * Returns the feed shared by components with this channel and these options; `undefined` while no component is mounted.
 */
export function findFeed<Data>(socket: AnySocket, key: string): ChannelFeed<Data> | undefined {
  return feedsOf.get(socket)?.get(key) as ChannelFeed<Data> | undefined;
}

/** Returns the shared feed; creates it for the first component. */
export function obtainFeed<Data>(
  socket: AnySocket,
  key: string,
  name: string,
  options: ChannelFeedOptions,
): ChannelFeed<Data> {
  const known = findFeed<Data>(socket, key);
  if (known !== undefined) return known;
  const feeds = feedsOf.get(socket) ?? new Map<string, ChannelFeed<unknown>>();
  feedsOf.set(socket, feeds);
  const channel = socket.channel(name) as SCChannel<Data>;
  const feed = new ChannelFeed<Data>(channel, options, () => feeds.delete(key));
  feeds.set(key, feed as ChannelFeed<unknown>);
  return feed;
}

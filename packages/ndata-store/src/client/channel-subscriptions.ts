import { AbortedError, StoreUnavailableError } from 'sc-protocol';
import type { ChannelHandle, ChannelSink, SeenPosition, SubscribedPage } from '../channel-sink.js';
import type { Publication } from '../data/publication.js';
import type { Shard, ShardOwner } from './shard.js';

type SubscriptionsOwner = Pick<
  ShardOwner,
  'subscribed' | 'subscribeFailed' | 'unsubscribed' | 'publication' | 'publicationsLost'
>;

export interface ChannelSubscriptionsOptions {
  readonly shard: Pick<Shard, 'open'>;
  /** Milliseconds after which a subscription without a reply fails. */
  readonly timeoutMs: number;
  /** Why the store cannot be reached, if known. */
  readonly reason: () => Error | undefined;
  readonly owner: SubscriptionsOwner;
}

/** Implements `subscribe` and `unsubscribe` with promises, on top of sinks. */
export class ChannelSubscriptions {
  readonly #options: ChannelSubscriptionsOptions;
  readonly #subscriptions = new Map<string, PromisedSubscription>();

  constructor(options: ChannelSubscriptionsOptions) {
    this.#options = options;
  }

  /** Resolves when the shard has acknowledged the subscription. Rejects if it refuses or does not reply in time. */
  subscribe(channel: string): Promise<void> {
    const existing = this.#subscriptions.get(channel);
    if (existing !== undefined) return existing.promise;
    const subscription = new PromisedSubscription(channel, this.#options, () => {
      if (this.#subscriptions.get(channel) === subscription) this.#subscriptions.delete(channel);
    });
    this.#subscriptions.set(channel, subscription);
    subscription.open();
    return subscription.promise;
  }

  async unsubscribe(channel: string): Promise<void> {
    const subscription = this.#subscriptions.get(channel);
    if (subscription === undefined) return;
    this.#subscriptions.delete(channel);
    await subscription.close();
    this.#options.owner.unsubscribed(channel);
  }
}

class PromisedSubscription implements ChannelSink {
  readonly promise: Promise<void>;
  readonly #channel: string;
  readonly #options: ChannelSubscriptionsOptions;
  readonly #onEnd: () => void;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #handle: ChannelHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wasSubscribed = false;
  /** The number of the last publication, and the count that it belongs to. */
  #live = 0;
  #count = '';

  constructor(channel: string, options: ChannelSubscriptionsOptions, onEnd: () => void) {
    this.#channel = channel;
    this.#options = options;
    this.#onEnd = onEnd;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  open(): void {
    const { shard, timeoutMs, reason } = this.#options;
    if (timeoutMs < Infinity) {
      this.#timer = setTimeout(() => {
        void this.#handle?.close();
        const text = `The store could not be reached within ${timeoutMs} ms (\`callTimeoutMs\`) for a subscription`;
        this.refused(new StoreUnavailableError(text, undefined, { cause: reason() }));
      }, timeoutMs);
    }
    try {
      this.#handle = shard.open(this.#channel, this, () => this.#seen());
    } catch (error) {
      this.refused(error as Error);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#handle?.close();
    this.#resolve();
  }

  subscribed({ live, count, missed }: SubscribedPage): void {
    clearTimeout(this.#timer);
    const { owner } = this.#options;
    const isLoss = this.#wasSubscribed && missed !== 0;
    this.#wasSubscribed = true;
    this.#live = live;
    this.#count = count;
    this.#resolve();
    owner.subscribed(this.#channel);
    if (isLoss) owner.publicationsLost(this.#channel, missed);
  }

  /** Hot path. */
  publication(publication: Publication): void {
    this.#live = publication.live;
    this.#options.owner.publication(publication);
  }

  lost(count: number, live: number): void {
    this.#live = live;
    this.#options.owner.publicationsLost(this.#channel, count);
  }

  #seen(): SeenPosition | undefined {
    return this.#wasSubscribed ? { live: this.#live, count: this.#count } : undefined;
  }

  interrupted(): void {
    // The link resubscribes automatically.
  }

  refused(error: Error): void {
    clearTimeout(this.#timer);
    this.#onEnd();
    this.#reject(error);
    // Closing the client is not a refusal.
    if (this.#wasSubscribed && error instanceof AbortedError) return;
    this.#options.owner.subscribeFailed(error, this.#channel);
  }
}

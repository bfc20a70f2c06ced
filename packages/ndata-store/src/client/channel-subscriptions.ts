import { AbortedError, StoreUnavailableError } from 'sc-protocol';
import type { ChannelHandle, ChannelSink } from '../channel-sink.js';
import type { Publication } from '../data/publication.js';
import type { Shard, ShardOwner } from './shard.js';

type SubscriptionsOwner = Pick<ShardOwner, 'subscribed' | 'subscribeFailed' | 'unsubscribed' | 'publication'>;

export interface ChannelSubscriptionsOptions {
  readonly shard: Pick<Shard, 'open'>;
  /** Milliseconds after which a subscription that got no answer has failed. */
  readonly timeoutMs: number;
  /** Why the store cannot be reached, if that is known. */
  readonly reason: () => Error | undefined;
  readonly owner: SubscriptionsOwner;
}

/** `subscribe` and `unsubscribe` with promises, on top of sinks. */
export class ChannelSubscriptions {
  readonly #options: ChannelSubscriptionsOptions;
  readonly #subscriptions = new Map<string, PromisedSubscription>();

  constructor(options: ChannelSubscriptionsOptions) {
    this.#options = options;
  }

  /** Resolves when the shard has it. Rejects when the shard refuses it or is away for too long. */
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
      this.#handle = shard.open(this.#channel, this, undefined);
    } catch (error) {
      this.refused(error as Error);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#handle?.close();
    this.#resolve();
  }

  subscribed(): void {
    clearTimeout(this.#timer);
    this.#wasSubscribed = true;
    this.#resolve();
    this.#options.owner.subscribed(this.#channel);
  }

  publication(publication: Publication): void {
    this.#options.owner.publication(publication);
  }

  lost(): void {
    // Positions are for who opens a sink.
  }

  interrupted(): void {
    // The link asks again by itself.
  }

  refused(error: Error): void {
    clearTimeout(this.#timer);
    this.#onEnd();
    this.#reject(error);
    // That the client was closed is no refusal.
    if (this.#wasSubscribed && error instanceof AbortedError) return;
    this.#options.owner.subscribeFailed(error, this.#channel);
  }
}

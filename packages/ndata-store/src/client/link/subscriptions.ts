import { BadConnectionError, TimeoutError } from 'sc-protocol';
import { subscribe, unsubscribe } from '../../commands/channels.js';
import type { Shard, ShardOwner } from '../shard.js';

interface Subscription {
  isConfirmed: boolean;
  /** Confirmed once: stands until it is ended, however often the link is lost. */
  isStanding: boolean;
  promise: Promise<void>;
}

/** A link's standing orders, given again to the store that comes back. */
export class Subscriptions {
  readonly #shard: Pick<Shard, 'call' | 'status'>;
  readonly #owner: ShardOwner;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(shard: Pick<Shard, 'call' | 'status'>, owner: ShardOwner) {
    this.#shard = shard;
    this.#owner = owner;
  }

  subscribe(channel: string): Promise<void> {
    const existing = this.#subscriptions.get(channel);
    if (existing !== undefined) return existing.promise;
    const subscription: Subscription = { isConfirmed: false, isStanding: false, promise: Promise.resolve() };
    this.#subscriptions.set(channel, subscription);
    subscription.promise = this.#order(channel, subscription);
    return subscription.promise;
  }

  async unsubscribe(channel: string): Promise<void> {
    const subscription = this.#subscriptions.get(channel);
    if (subscription === undefined) return;
    this.#subscriptions.delete(channel);
    // A store that is away has forgotten it; a first order that still waits is undone right behind.
    if (!subscription.isStanding || this.#shard.status().state === 'ready') {
      await this.#shard.call(unsubscribe.call(channel));
    }
    this.#owner.unsubscribed(channel);
  }

  confirmed(): string[] {
    return [...this.#subscriptions].filter(([, each]) => each.isConfirmed).map(([channel]) => channel);
  }

  isConfirmed(channel: string): boolean {
    return this.#subscriptions.get(channel)?.isConfirmed === true;
  }

  /** The link stands again. */
  renew(): void {
    for (const [channel, subscription] of this.#subscriptions) {
      // The first order of one that was never confirmed waits among the calls.
      if (subscription.isStanding) subscription.promise = silence(this.#order(channel, subscription));
    }
  }

  lost(): void {
    for (const subscription of this.#subscriptions.values()) subscription.isConfirmed = false;
  }

  end(): void {
    this.#subscriptions.clear();
  }

  async #order(channel: string, subscription: Subscription): Promise<void> {
    for (;;) {
      try {
        await this.#shard.call(subscribe.call(channel));
        break;
      } catch (error) {
        if (this.#subscriptions.get(channel) !== subscription) throw error;
        // The link went away under it. A standing order is given again by `renew`, a first one waits for the link.
        if (error instanceof BadConnectionError && !subscription.isStanding) continue;
        if (subscription.isStanding && (error instanceof BadConnectionError || error instanceof TimeoutError)) return;
        this.#subscriptions.delete(channel);
        this.#owner.subscribeFailed(error as Error, channel);
        throw error;
      }
    }
    if (this.#subscriptions.get(channel) !== subscription) return;
    subscription.isConfirmed = true;
    subscription.isStanding = true;
    this.#owner.subscribed(channel);
  }
}

/** For an order nobody waits for: its failure is told by an event. */
function silence(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

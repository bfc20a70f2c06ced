import type { Store } from 'ndata-store';

interface Lease {
  holders: number;
  readonly ready: Promise<void>;
}

/** Takes a publication as the store keeps it. Must not throw. */
export type StoredListener = (channel: string, stored: Uint8Array) => void;

const topicsOf = Symbol.for('sc-server.topics');

type SharedStore = Store & { [topicsOf]?: Topics | undefined };

/**
 * Which channels the servers of this process want from a store, and who takes what it delivers: a store has one
 * `onPayload` and one subscription of a channel, and several servers may share it. The first holder of a channel
 * subscribes to it, the last one to leave unsubscribes.
 */
export class Topics {
  readonly #store: SharedStore;
  readonly #leases = new Map<string, Lease>();
  /** Replaced, never changed, so that a delivery under way reaches the listeners it began with. */
  #listeners: readonly StoredListener[] = [];

  private constructor(store: SharedStore) {
    this.#store = store;
    store.onPayload = (channel, stored) => {
      for (const listener of this.#listeners) listener(channel, stored);
    };
  }

  /** Those of this store. */
  static of(store: Store): Topics {
    const shared: SharedStore = store;
    const topics = shared[topicsOf] ?? new Topics(shared);
    shared[topicsOf] = topics;
    return topics;
  }

  /** Gives everything that the store delivers to one more listener. Returns what stops it; the last one frees the store. */
  listen(listener: StoredListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => this.#stop(listener);
  }

  #stop(listener: StoredListener): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    if (this.#listeners.length > 0 || this.#store[topicsOf] !== this) return;
    this.#store.onPayload = undefined;
    this.#store[topicsOf] = undefined;
  }

  /** Counts a holder, and settles when the store delivers the channel to this process. Always pair with `release`. */
  acquire(channel: string): Promise<void> {
    let lease = this.#leases.get(channel);
    if (lease === undefined) {
      lease = { holders: 0, ready: this.#store.subscribe(channel) };
      this.#leases.set(channel, lease);
      // A failure is not kept: whoever comes after all have left asks again.
    }
    lease.holders += 1;
    return lease.ready;
  }

  release(channel: string): void {
    const lease = this.#leases.get(channel);
    if (lease === undefined) return;
    lease.holders -= 1;
    if (lease.holders > 0) return;
    this.#leases.delete(channel);
    // The link keeps the order, so a subscription made right after this one is not undone.
    this.#store.unsubscribe(channel).catch(() => undefined);
  }
}

import type { Store } from 'ndata-store';

interface Lease {
  holders: number;
  readonly ready: Promise<void>;
}

/**
 * Which channels this process wants from the store. The first holder of a channel subscribes to it, the last one to
 * leave unsubscribes.
 */
export class Topics {
  readonly #store: Store;
  readonly #leases = new Map<string, Lease>();

  constructor(store: Store) {
    this.#store = store;
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

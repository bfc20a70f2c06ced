import { requireName } from 'sc-protocol';
import { type ChannelActions, SCChannel } from './channel.js';
import { ChannelRecord } from './channel-record.js';
import type { ChannelCause } from './channel-state.js';
import type { ChannelOwner, PendingChannel } from './owner.js';

/**
 * All channels of one owner, by name. A channel is kept from the first `channel(name)` until its `destroy()`, so
 * that every caller gets the same handle.
 */
export class ChannelSet {
  readonly #owner: ChannelOwner;
  readonly #records = new Map<string, ChannelRecord>();
  readonly #actions: ChannelActions;
  #turn = 0;

  constructor(owner: ChannelOwner) {
    this.#owner = owner;
    this.#actions = {
      optionChecks: owner.optionChecks,
      subscribe: (record) => {
        if (!record.advance('subscribe')) return;
        record.askedAt = ++this.#turn;
        // A listener of the state change may have taken it back already.
        if (record.state === 'pending') owner.requestSubscribe(record);
      },
      unsubscribe: (record) => {
        if (record.advance('unsubscribe')) owner.requestUnsubscribe(record.name);
      },
      publish: (name, data) => owner.publish(name, data),
      destroy: (record) => this.#destroy(record),
    };
  }

  /** The handle for this name, made if there is none. Throws `InvalidArgumentsError` for a name that cannot be. */
  channel<Data = unknown>(name: string): SCChannel<Data> {
    const handle = this.get(name) ?? this.#create(name);
    // Data is the caller's claim about what is published to this name.
    return handle as unknown as SCChannel<Data>;
  }

  /** The handle for this name, if there is one. */
  get(name: string): SCChannel | undefined {
    return this.#records.get(name)?.handle;
  }

  /** Names of the subscribed channels. */
  subscriptions(includePending = false): string[] {
    return [...this.#records.keys()].filter((name) => this.get(name)?.isSubscribed(includePending));
  }

  /** Hands a publication to the watchers, at once. Dropped, with `false`, when nobody here subscribed to the name. */
  deliver(name: string, data: unknown): boolean {
    const record = this.#records.get(name);
    if (record === undefined || record.state === 'unsubscribed') return false;
    record.deliver(data);
    return true;
  }

  /** The owner's request was accepted. */
  subscribed(name: string): void {
    this.#advance(name, 'accepted');
  }

  /** The owner's request was refused for good. */
  failed(name: string, error: unknown): void {
    this.#advance(name, 'refused', error);
  }

  /** The other end took the subscription away. */
  kickedOut(name: string, message: string): void {
    this.#advance(name, 'kickedOut', message);
  }

  /** The connection ended: what was subscribed is pending again. */
  lost(): void {
    for (const record of [...this.#records.values()]) record.advance('lost');
  }

  /** What to ask for on a new connection: highest priority first, then in the order in which it was asked for. */
  pendingInOrder(): PendingChannel[] {
    return [...this.#records.values()]
      .filter(({ state }) => state === 'pending')
      .sort((one, other) => (other.options.priority ?? 0) - (one.options.priority ?? 0) || one.askedAt - other.askedAt);
  }

  /** Destroys every channel. */
  clear(): void {
    for (const record of [...this.#records.values()]) this.#destroy(record);
  }

  #advance(name: string, cause: ChannelCause, detail?: unknown): void {
    this.#records.get(name)?.advance(cause, detail);
  }

  #create(name: string): SCChannel {
    requireName('A channel name', name);
    const record = new ChannelRecord(name, this.#owner);
    this.#records.set(name, record);
    return (record.handle = new SCChannel(record, this.#actions));
  }

  #destroy(record: ChannelRecord): void {
    if (record.isDestroyed) return;
    this.#actions.unsubscribe(record);
    record.isDestroyed = true;
    record.watchers = [];
    record.endIterators();
    record.events.removeAllListeners();
    this.#records.delete(record.name);
  }
}

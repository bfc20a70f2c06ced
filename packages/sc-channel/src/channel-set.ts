import { InvalidArgumentsError, nameProblem } from 'sc-protocol';
import { type ChannelActions, SCChannel } from './channel.js';
import { ChannelRecord } from './channel-record.js';
import type { ChannelOwner, PendingChannel } from './owner.js';

interface Entry {
  readonly record: ChannelRecord;
  readonly handle: SCChannel;
}

/**
 * All channels of one owner, by name. A channel is kept from the first `channel(name)` until its `destroy()`, so
 * that every caller gets the same handle.
 */
export class ChannelSet {
  readonly #owner: ChannelOwner;
  readonly #entries = new Map<string, Entry>();
  readonly #actions: ChannelActions;
  #turn = 0;

  constructor(owner: ChannelOwner) {
    this.#owner = owner;
    this.#actions = {
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

  get size(): number {
    return this.#entries.size;
  }

  /** The handle for this name, made if there is none. Throws `InvalidArgumentsError` for a name that cannot be. */
  channel<Data = unknown>(name: string): SCChannel<Data> {
    const handle = this.#entries.get(name)?.handle ?? this.#create(name);
    // Data is the caller's claim about what is published to this name.
    return handle as unknown as SCChannel<Data>;
  }

  /** The handle for this name, if there is one. */
  get(name: string): SCChannel | undefined {
    return this.#entries.get(name)?.handle;
  }

  /** Names of the subscribed channels. */
  subscriptions(includePending = false): string[] {
    const names = [];
    for (const [name, { handle }] of this.#entries) if (handle.isSubscribed(includePending)) names.push(name);
    return names;
  }

  /** Hands a publication to the watchers, at once. Dropped, with `false`, when nobody here subscribed to the name. */
  deliver(name: string, data: unknown): boolean {
    const record = this.#entries.get(name)?.record;
    if (record === undefined || record.state === 'unsubscribed') return false;
    record.deliver(data);
    return true;
  }

  /** The owner's request was accepted. */
  subscribed(name: string): void {
    this.#entries.get(name)?.record.advance('accepted');
  }

  /** The owner's request was refused for good. */
  failed(name: string, error: unknown): void {
    this.#entries.get(name)?.record.advance('refused', error);
  }

  /** The other end took the subscription away. */
  kickedOut(name: string, message: string): void {
    this.#entries.get(name)?.record.advance('kickedOut', message);
  }

  /** The connection ended: what was subscribed is pending again. */
  lost(): void {
    for (const { record } of [...this.#entries.values()]) record.advance('lost');
  }

  /** What to ask for on a new connection: highest priority first, then in the order in which it was asked for. */
  pendingInOrder(): PendingChannel[] {
    const pending = [];
    for (const { record } of this.#entries.values()) if (record.state === 'pending') pending.push(record);
    return pending.sort(
      (one, other) => (other.options.priority ?? 0) - (one.options.priority ?? 0) || one.askedAt - other.askedAt,
    );
  }

  /** Destroys every channel. */
  clear(): void {
    for (const { record } of [...this.#entries.values()]) this.#destroy(record);
  }

  #create(name: string): SCChannel {
    const problem = nameProblem(name);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    const record = new ChannelRecord(name, this.#owner);
    const handle = new SCChannel(record, this.#actions);
    this.#entries.set(name, { record, handle });
    return handle;
  }

  #destroy(record: ChannelRecord): void {
    if (record.isDestroyed) return;
    this.#actions.unsubscribe(record);
    record.isDestroyed = true;
    record.watchers = [];
    record.endIterators();
    record.events.removeAllListeners();
    this.#entries.delete(record.name);
  }
}

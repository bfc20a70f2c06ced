import { type GapReason, InvalidActionError, type Position, type PublicationPosition } from 'sc-protocol';
import { ChannelPart, ChannelRecord } from './channel-record.js';
import type { ChannelCause, ChannelState } from './channel-state.js';
import { SCChannel } from './channel.js';
import type { ChannelOwner, PendingChannel } from './owner.js';
import type { SubscribeOptions } from './subscribe-options.js';

/**
 * All channels of one owner, by name. A channel is kept while it is subscribed or pending, and while a handle has
 * watchers, listeners or iterators. Its subscription lasts until the last subscribed handle unsubscribes.
 */
export class ChannelSet {
  /** Transports the frames of the channels. */
  readonly owner: ChannelOwner;
  readonly #records = new Map<string, ChannelRecord>();
  #turn = 0;
  #isCleared = false;

  /** Creates the channels of an owner. */
  constructor(owner: ChannelOwner) {
    this.owner = owner;
  }

  /** Creates a handle for this name. Throws `InvalidArgumentsError` for an invalid name. */
  channel<Data = unknown>(name: string): SCChannel<Data> {
    this.owner.optionChecks?.name(name);
    return new SCChannel<Data>(name, this, new ChannelPart(false));
  }

  /** Creates a handle for the owner's own part, which all handles created by `common` share. */
  common<Data = unknown>(name: string): SCChannel<Data> {
    this.owner.optionChecks?.name(name);
    return new SCChannel<Data>(name, this);
  }

  /** Creates a handle that stands for the whole channel of this name, if the set contains it. */
  get(name: string): SCChannel | undefined {
    return this.#records.has(name) ? this.channel(name) : undefined;
  }

  /** Names of the subscribed channels. */
  subscriptions(includePending = false): string[] {
    return [...this.#records.values()]
      .filter(({ state }) => state === 'subscribed' || (includePending && state === 'pending'))
      .map(({ name }) => name);
  }

  /**
   * Delivers a publication to the watchers synchronously. Returns `false`, and drops it, if the channel is neither
   * subscribed nor pending. Also drops a publication that was seen before, or that follows a gap; after a gap, requests
   * the missing ones from the owner.
   */
  deliver(name: string, data: unknown, position?: PublicationPosition): boolean {
    const record = this.#records.get(name);
    if (record === undefined || record.state === 'unsubscribed') return false;
    record.deliver(data, position);
    return true;
  }

  /** The owner's request was accepted. `answer` is a `SubscribeAck` if the owner supports positions. */
  subscribed(name: string, answer?: unknown): void {
    const record = this.#records.get(name);
    if (record === undefined || record.state === 'unsubscribed') return;
    const status = record.place.accept(answer);
    if (!record.advance('accepted', status) && status.recovered !== undefined) record.report(status);
  }

  /**
   * The other end has subscribed this end, possibly without a request. Unless a handle has subscribed, the subscription
   * is not renewed on the next connection.
   */
  ordered(name: string, waitForAuth: boolean, answer?: unknown): void {
    if (this.#isCleared) return;
    const record = this.#records.get(name) ?? new ChannelRecord(name, this.owner);
    this.#records.set(name, record);
    if (!record.isWished) record.options = { waitForAuth };
    record.advance('ordered', record.place.accept(answer));
  }

  /** The other end has moved the position. With a reason, the stream was lost, and publications may be missing. */
  moved(name: string, { epoch, offset }: Position, reason?: GapReason): void {
    const record = this.#records.get(name);
    if (record?.state !== 'subscribed') return;
    if (reason === undefined) record.place.move(epoch, offset);
    else record.report(record.place.accept({ epoch, offset, recovered: false, reason }));
  }

  /** The owner's request was permanently refused. */
  failed(name: string, error: unknown): void {
    this.#advance(name, 'refused', error);
  }

  /** The other end has ended the subscription. */
  kickedOut(name: string, message: string): void {
    this.#advance(name, 'kickedOut', message);
  }

  /** The connection was lost: subscribed channels become pending again. With a name, only that channel does. */
  lost(name?: string): void {
    for (const record of [...this.#records.values()]) {
      if (name !== undefined && record.name !== name) continue;
      const isOver = record.state === 'subscribed' && !record.isWished;
      this.#advance(record.name, isOver ? 'unsubscribe' : 'lost');
    }
  }

  /**
   * Channels to request on a new connection: highest priority first, then in the order in which they were requested.
   */
  pendingInOrder(): PendingChannel[] {
    return [...this.#records.values()]
      .filter(({ state }) => state === 'pending')
      .sort((one, other) => (other.options.priority ?? 0) - (one.options.priority ?? 0) || one.askedAt - other.askedAt);
  }

  /** Destroys every channel. Later subscribes throw. */
  clear(): void {
    this.#isCleared = true;
    for (const { name } of [...this.#records.values()]) this.destroy(name, new ChannelPart(false));
  }

  // The methods below are for the handles.

  /** The record of a channel, if the set contains it. */
  record(name: string): ChannelRecord | undefined {
    return this.#records.get(name);
  }

  /** The owner's own part in the channel. */
  commonPart(name: string): ChannelPart {
    return this.#records.get(name)?.common ?? new ChannelPart(true);
  }

  /** The state of a channel as one handle sees it. */
  stateFor(name: string, part: ChannelPart): ChannelState {
    return part.hasLeft ? 'unsubscribed' : (this.#records.get(name)?.state ?? 'unsubscribed');
  }

  /** Updates the record after a part has changed: keeps or removes the part and the record. */
  update(name: string, part: ChannelPart): ChannelRecord {
    const record = this.#records.get(name) ?? new ChannelRecord(name, this.owner);
    record.update(part);
    if (record.parts.size > 0 || record.state !== 'unsubscribed') this.#records.set(name, record);
    else this.#records.delete(name);
    return record;
  }

  /** Subscribes one handle to a channel; the first one sends the request. */
  subscribe(name: string, part: ChannelPart, options?: SubscribeOptions): void {
    if (part.isDestroyed || this.#isCleared) throw new InvalidActionError(`Channel "${name}" was destroyed`);
    if (options !== undefined) this.owner.optionChecks?.subscribe(options);
    const isNew = !part.isWished;
    part.wish = 'subscribed';
    part.hasLeft = false;
    const record = this.update(name, part);
    if (options !== undefined) record.options = options;
    if (options?.since !== undefined && record.state !== 'subscribed') {
      record.place.move(options.since.epoch, options.since.offset);
    }
    if (record.advance('subscribe')) {
      record.askedAt = ++this.#turn;
      // A listener of the state change may already have unsubscribed.
      if (record.state === 'pending') this.owner.requestSubscribe(record);
    } else if (record.state === 'pending') {
      if (options !== undefined) this.owner.optionsChanged?.(record);
    } else if (isNew) {
      // The channel is already subscribed: emit the event for this handle, too, after its user could add listeners.
      queueMicrotask(() => {
        if (part.isWished && record.state === 'subscribed') part.events?.emit('subscribe', name, {});
      });
    }
  }

  /**
   * Unsubscribes a part. Ends the whole subscription if no other part wishes to be subscribed, or if this part never
   * subscribed.
   */
  unsubscribe(name: string, part: ChannelPart): void {
    const record = this.#records.get(name);
    if (record === undefined || record.state === 'unsubscribed' || part.hasLeft) return;
    if (part.wish === 'never' || (part.isWished && !record.isWishedBeside(part))) {
      if (record.advance('unsubscribe')) this.owner.requestUnsubscribe(name);
      this.#forget(record);
      return;
    }
    part.wish = 'ended';
    part.hasLeft = true;
    if (record.state === 'subscribed') part.events?.emit('unsubscribe', name);
    part.endIterators();
    this.update(name, part);
  }

  /** Destroys a part, or every part if this one stands for the whole channel. */
  destroy(name: string, part: ChannelPart): void {
    if (part.isDestroyed) return;
    const record = this.#records.get(name);
    const ended = part.isUnused ? [...(record?.parts ?? []), part] : [part];
    // A part that only watches does not hold the subscription, so its end must not unsubscribe the others.
    if (part.isUnused || part.isWished) this.unsubscribe(name, part);
    for (const one of ended) {
      one.destroy();
      this.update(name, one);
    }
  }

  #advance(name: string, cause: ChannelCause, detail?: unknown): void {
    const record = this.#records.get(name);
    record?.advance(cause, detail);
    if (record !== undefined) this.#forget(record);
  }

  #forget(record: ChannelRecord): void {
    if (record.state === 'unsubscribed' && record.parts.size === 0 && this.#records.get(record.name) === record) {
      this.#records.delete(record.name);
    }
  }
}

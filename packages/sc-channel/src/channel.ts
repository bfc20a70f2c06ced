import { InvalidActionError, type Position, requireFunction } from 'sc-protocol';
import { type ChannelIterator, type IterateOptions, IteratorBuffer } from './channel-iterator.js';
import type { ChannelPart, ChannelRecord, Watcher } from './channel-record.js';
import type { ChannelEvents, ChannelState } from './channel-state.js';
import { Emitter, type EventSource } from './emitter.js';
import type { ChannelHistory, ChannelHistoryOptions, ChannelOwner } from './owner.js';
import type { SubscribeOptions } from './subscribe-options.js';
import { withCallback } from './with-callback.js';

/** Receives the outcome of a publish: an error, or `null` and the reply. */
export type PublishCallback = (error: unknown, answer?: unknown) => void;

/** The set of channels that a handle acts on. */
export interface HandleOwner {
  readonly owner: ChannelOwner;
  record(name: string): ChannelRecord | undefined;
  commonPart(name: string): ChannelPart;
  stateFor(name: string, part: ChannelPart): ChannelState;
  subscribe(name: string, part: ChannelPart, options?: SubscribeOptions): void;
  unsubscribe(name: string, part: ChannelPart): void;
  update(name: string, part: ChannelPart): void;
  destroy(name: string, part: ChannelPart): void;
}

/**
 * A handle for one channel of a client socket or of a server's exchange. Each call of the owner's `channel(name)`
 * creates a handle. Handles of the same name share the subscription: it begins when the first handle subscribes and
 * ends when the last subscribed handle unsubscribes. Watchers, listeners and iterators belong to one handle. A handle
 * that was never used stands for the whole channel: its `unsubscribe`, `unwatch`, `off` and `destroy` apply to all
 * handles.
 */
export class SCChannel<Data = unknown> implements EventSource<ChannelEvents>, AsyncIterable<Data> {
  /** State without a subscription. */
  static readonly UNSUBSCRIBED = 'unsubscribed';
  /** State of a requested subscription. */
  static readonly PENDING = 'pending';
  /** State of an accepted subscription. */
  static readonly SUBSCRIBED = 'subscribed';
  /** State without a subscription, as in the original. */
  readonly UNSUBSCRIBED = 'unsubscribed';
  /** State of a requested subscription, as in the original. */
  readonly PENDING = 'pending';
  /** State of an accepted subscription, as in the original. */
  readonly SUBSCRIBED = 'subscribed';

  /** Name of the channel. */
  readonly name: string;
  readonly #set: HandleOwner;
  readonly #own: ChannelPart | undefined;

  /** Use `channel(name)` of a socket or exchange instead. */
  constructor(name: string, set: HandleOwner, own?: ChannelPart) {
    this.name = name;
    this.#set = set;
    this.#own = own;
  }

  get #part(): ChannelPart {
    return this.#own ?? this.#set.commonPart(this.name);
  }

  /** @internal The set of channels that this handle belongs to. */
  get set(): HandleOwner {
    return this.#set;
  }

  /** State of the subscription. Also `unsubscribed` if this handle has unsubscribed but another one has not. */
  get state(): ChannelState {
    return this.#set.stateFor(this.name, this.#part);
  }

  /** Returns `state`, as in the original. */
  getState(): ChannelState {
    return this.state;
  }

  /**
   * Subscribes to the channel. Changed options take effect immediately while the subscription is pending, otherwise on
   * the next connection. The outcome is the event `subscribe` or `subscribeFail`.
   */
  subscribe(options?: SubscribeOptions): this {
    this.#set.subscribe(this.name, this.#part, options);
    return this;
  }

  /**
   * Unsubscribes this handle; its watchers stay attached. The subscription ends with the last subscribed handle. A
   * handle that never subscribed ends it for all others. Cannot fail.
   */
  unsubscribe(): this {
    this.#set.unsubscribe(this.name, this.#part);
    return this;
  }

  /** Whether this handle is subscribed. With `includePending`, also whether its subscription is pending. */
  isSubscribed(includePending = false): boolean {
    const { state } = this;
    return state === 'subscribed' || (includePending && state === 'pending');
  }

  /** Position of the subscription in the channel's stream; `undefined` if unknown, and in a channel without history. */
  get position(): Position | undefined {
    return this.#set.record(this.name)?.position;
  }

  /**
   * Reads the channel's history: the newest publications, or those before or since a position. Needs a subscription.
   */
  async history(options: ChannelHistoryOptions = {}): Promise<ChannelHistory<Data>> {
    const page = await this.#set.owner.history?.(this.name, options);
    if (page === undefined) throw new InvalidActionError('History is not available for these channels');
    // The type `Data` is the user's claim about the publications of this channel.
    return page as ChannelHistory<Data>;
  }

  /**
   * Publishes to every subscriber of the channel. Needs no subscription. Resolves with the data that middleware
   * returned; or else with the position of the publication, if the channel keeps history. A callback also receives the
   * outcome, and an ignored rejection is then not reported as unhandled.
   */
  publish(data: Data, callback?: PublishCallback): Promise<unknown> {
    return withCallback(this.#set.owner.publish(this.name, data), callback);
  }

  /**
   * Calls the function with the data of each publication on arrival, and, if the function has two parameters, with
   * `{ offset, isPast }`. Does not subscribe.
   */
  watch(watcher: Watcher<Data>): this {
    const part = this.#usedPart();
    requireFunction('A watcher', watcher);
    const { watchers = [] } = part;
    // The type `Data` is the user's claim about the publications of this channel.
    if (!watchers.includes(watcher as Watcher<unknown>)) part.watchers = [...watchers, watcher as Watcher<unknown>];
    this.#set.update(this.name, part);
    return this;
  }

  /** Removes a watcher of this handle, or all of them. A handle that never had one removes those of all others. */
  unwatch(watcher?: Watcher<Data>): this {
    for (const part of this.#concerned('watchers')) {
      part.watchers = part.watchers?.filter((known) => watcher !== undefined && known !== watcher);
      this.#set.update(this.name, part);
    }
    return this;
  }

  /** The watchers of this handle. A handle that never had one returns those of all others. */
  watchers(): Watcher<Data>[] {
    return this.#concerned('watchers').flatMap(({ watchers = [] }) => watchers);
  }

  /**
   * Returns an async iterator over the publications, with a bounded buffer. `for await (const data of channel)` does
   * the same with the default options. Does not subscribe. If the subscription is refused, the iterator throws the
   * error.
   */
  iterate(options: IterateOptions = {}): ChannelIterator<Data> {
    const part = this.#usedPart();
    this.#set.owner.optionChecks?.iterate(options);
    const iterators = (part.iterators ??= new Set());
    const iterator = new IteratorBuffer<Data>(options, (self) => {
      iterators.delete(self as IteratorBuffer<unknown>);
      this.#set.update(this.name, part);
    });
    iterators.add(iterator as IteratorBuffer<unknown>);
    this.#set.update(this.name, part);
    return iterator;
  }

  /** Iterates over the publications with the default options of `iterate`. */
  [Symbol.asyncIterator](): ChannelIterator<Data> {
    return this.iterate();
  }

  /** Adds a listener for an event of this handle. */
  on<Name extends keyof ChannelEvents>(event: Name, listener: (...args: ChannelEvents[Name]) => unknown): this {
    return this.#listen('on', event, listener);
  }

  /** Adds a listener that is removed after its first call. */
  once<Name extends keyof ChannelEvents>(event: Name, listener: (...args: ChannelEvents[Name]) => unknown): this {
    return this.#listen('once', event, listener);
  }

  /**
   * Removes a listener of this handle, or all for the event. A handle that never had one removes those of all others.
   */
  off<Name extends keyof ChannelEvents>(event: Name, listener?: (...args: ChannelEvents[Name]) => unknown): this {
    for (const part of this.#concerned('events')) {
      part.events?.off(event, listener);
      this.#set.update(this.name, part);
    }
    return this;
  }

  /**
   * Unsubscribes this handle, removes its watchers and listeners, and ends its iterators. The handle cannot be used
   * again. A handle that was never used destroys all others of its name.
   */
  destroy(): void {
    this.#set.destroy(this.name, this.#part);
  }

  #listen<Name extends keyof ChannelEvents>(
    kind: 'on' | 'once',
    event: Name,
    listener: (...args: ChannelEvents[Name]) => unknown,
  ): this {
    const part = this.#usedPart();
    this.#set.owner.optionChecks?.event(event);
    part.events ??= new Emitter(this.#set.owner.reportError);
    // The emitter removes a `once` listener by itself. The record is updated after the event, or with the next change.
    part.events[kind](event, listener);
    this.#set.update(this.name, part);
    return this;
  }

  /** The parts that a removal applies to: this one, or all if it never had such watchers or events. */
  #concerned(what: 'watchers' | 'events'): ChannelPart[] {
    const part = this.#part;
    return part[what] === undefined ? [...(this.#set.record(this.name)?.parts ?? [])] : [part];
  }

  #usedPart(): ChannelPart {
    const part = this.#part;
    if (part.isDestroyed) throw new InvalidActionError(`Channel "${this.name}" was destroyed`);
    return part;
  }
}

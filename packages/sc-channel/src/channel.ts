import { InvalidActionError, requireFunction } from 'sc-protocol';
import { type ChannelIterator, type IterateOptions, IteratorBuffer } from './channel-iterator.js';
import type { ChannelEvents, ChannelRecord, Watcher } from './channel-record.js';
import type { ChannelState } from './channel-state.js';
import type { EventSource } from './emitter.js';
import type { ChannelOptionChecks } from './option-checks.js';
import type { SubscribeOptions } from './subscribe-options.js';
import { withCallback } from './with-callback.js';

/** Hears how a publish ended: with an error, or with `null` and the answer. */
export type PublishCallback = (error: unknown, answer?: unknown) => void;

/** What a handle asks of the set it comes from. */
export interface ChannelActions {
  readonly optionChecks: ChannelOptionChecks | undefined;
  subscribe(record: ChannelRecord): void;
  unsubscribe(record: ChannelRecord): void;
  publish(name: string, data: unknown): Promise<unknown>;
  destroy(record: ChannelRecord): void;
}

/**
 * A handle for one channel of one client socket or of a server's exchange. There is one per name and owner: made by
 * `channel(name)` or `subscribe(name)` of the owner, valid until `destroy()`.
 */
export class SCChannel<Data = unknown> implements EventSource<ChannelEvents>, AsyncIterable<Data> {
  static readonly UNSUBSCRIBED = 'unsubscribed';
  static readonly PENDING = 'pending';
  static readonly SUBSCRIBED = 'subscribed';
  readonly UNSUBSCRIBED = 'unsubscribed';
  readonly PENDING = 'pending';
  readonly SUBSCRIBED = 'subscribed';

  readonly #record: ChannelRecord;
  readonly #actions: ChannelActions;

  /** Use `channel(name)` of a socket or exchange instead. */
  constructor(record: ChannelRecord, actions: ChannelActions) {
    this.#record = record;
    this.#actions = actions;
  }

  get name(): string {
    return this.#record.name;
  }

  get state(): ChannelState {
    return this.#record.state;
  }

  getState(): ChannelState {
    return this.#record.state;
  }

  /**
   * Asks for the channel's publications. Does nothing when that was done already, except that the options count
   * from the next connection on. The outcome is the event `subscribe` or `subscribeFail`.
   */
  subscribe(options?: SubscribeOptions): this {
    this.#refuseDestroyed();
    if (options !== undefined) {
      this.#actions.optionChecks?.subscribe(options);
      this.#record.options = options;
    }
    this.#actions.subscribe(this.#record);
    return this;
  }

  /** Gives the subscription up. Cannot fail; watchers stay attached. */
  unsubscribe(): this {
    this.#actions.unsubscribe(this.#record);
    return this;
  }

  isSubscribed(includePending = false): boolean {
    const { state } = this.#record;
    return state === 'subscribed' || (includePending && state === 'pending');
  }

  /**
   * Publishes to every subscriber of the channel; needs no subscription. Settles with the answer to the publish.
   * With a callback the outcome goes there too, and a rejection of the promise may be left alone.
   */
  publish(data: Data, callback?: PublishCallback): Promise<unknown> {
    return withCallback(this.#actions.publish(this.#record.name, data), callback);
  }

  /** Calls the function with the data of each publication, as it comes in. Does not subscribe. */
  watch(watcher: Watcher<Data>): this {
    this.#refuseDestroyed();
    requireFunction('A watcher', watcher);
    const { watchers } = this.#record;
    // The owner delivers to this record what was published to this name; Data is the user's claim about that.
    if (!watchers.includes(watcher as Watcher<unknown>)) {
      this.#record.watchers = [...watchers, watcher as Watcher<unknown>];
    }
    return this;
  }

  /** Removes a watcher, or all of them. */
  unwatch(watcher?: Watcher<Data>): this {
    this.#record.watchers = watcher === undefined ? [] : this.#record.watchers.filter((known) => known !== watcher);
    return this;
  }

  watchers(): Watcher<Data>[] {
    return [...this.#record.watchers] as Watcher<Data>[];
  }

  /**
   * Publications as an async iterator with a bounded buffer. `for await (const data of channel)` is the same with
   * the default options. Does not subscribe; a refused subscription makes it throw the refusal.
   */
  iterate(options: IterateOptions = {}): ChannelIterator<Data> {
    this.#refuseDestroyed();
    this.#actions.optionChecks?.iterate(options);
    const { iterators } = this.#record;
    const iterator = new IteratorBuffer<Data>(options, (self) => iterators.delete(self as IteratorBuffer<unknown>));
    iterators.add(iterator as IteratorBuffer<unknown>);
    return iterator;
  }

  [Symbol.asyncIterator](): ChannelIterator<Data> {
    return this.iterate();
  }

  on<Name extends keyof ChannelEvents>(event: Name, listener: (...args: ChannelEvents[Name]) => void): this {
    this.#record.events.on(event, listener);
    return this;
  }

  once<Name extends keyof ChannelEvents>(event: Name, listener: (...args: ChannelEvents[Name]) => void): this {
    this.#record.events.once(event, listener);
    return this;
  }

  off<Name extends keyof ChannelEvents>(event: Name, listener?: (...args: ChannelEvents[Name]) => void): this {
    this.#record.events.off(event, listener);
    return this;
  }

  /** Unsubscribes, removes watchers and listeners, and ends iterators. The owner forgets the channel. */
  destroy(): void {
    this.#actions.destroy(this.#record);
  }

  #refuseDestroyed(): void {
    if (!this.#record.isDestroyed) return;
    throw new InvalidActionError(`Channel "${this.name}" was destroyed`);
  }
}

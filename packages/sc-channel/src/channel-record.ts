import type { Position, PublicationPosition } from 'sc-protocol';
import type { IteratorBuffer } from './channel-iterator.js';
import { ChannelPosition, type SubscribeStatus } from './channel-position.js';
import { type ChannelCause, type ChannelEvents, type ChannelState, nextChannelStep } from './channel-state.js';
import type { Emitter } from './emitter.js';
import { reportRejection } from './emitter.js';
import type { ChannelOwner, OwnerEvents, PendingChannel } from './owner.js';
import type { SubscribeOptions } from './subscribe-options.js';

/** Details of a publication for watchers with two parameters. */
export interface PublicationInfo {
  /** Offset in the channel's stream; absent if the channel keeps no history, and for volatile publications. */
  readonly offset?: number | undefined;
  /** Whether the publication is from the history: published before the subscription was acknowledged. */
  readonly isPast: boolean;
}

/** Receives the publications of a channel. Gets the second argument only if the function's `length` is at least 2. */
export type Watcher<Data> = (data: Data, publication: PublicationInfo) => void;

/** The part of one handle in a channel: its wish to be subscribed, watchers, listeners and iterators. */
export class ChannelPart {
  /** Whether the part belongs to the owner's own functions, e.g. `socket.subscribe(name)` and `socket.watch(name)`. */
  readonly isCommon: boolean;
  wish: 'never' | 'subscribed' | 'ended' = 'never';
  /** Set after this part unsubscribed while others stayed: it receives no publications until it subscribes again. */
  hasLeft = false;
  isDestroyed = false;
  /** `undefined` until the first watcher is added. */
  watchers: readonly Watcher<unknown>[] | undefined;
  events: Emitter<ChannelEvents> | undefined;
  iterators: Set<IteratorBuffer<unknown>> | undefined;

  constructor(isCommon: boolean) {
    this.isCommon = isCommon;
  }

  get isWished(): boolean {
    return this.wish === 'subscribed';
  }

  /** Whether the part was never used. An unused part stands for the whole channel. */
  get isUnused(): boolean {
    return this.wish === 'never' && !this.watchers && !this.events && !this.iterators;
  }

  /** Whether the channel must keep the part. */
  get isAlive(): boolean {
    return this.isWished || !!this.watchers?.length || !!this.iterators?.size || !!this.events?.hasListeners;
  }

  endIterators(failure?: { readonly error: unknown }): void {
    for (const iterator of this.iterators ?? []) iterator.end(failure);
    this.iterators?.clear();
  }

  /** Ends the part, and clears its watchers, iterators and listeners. */
  destroy(): void {
    this.isDestroyed = true;
    this.wish = 'ended';
    this.watchers = [];
    this.endIterators();
    this.events?.removeAllListeners();
  }
}

/** One channel of a set: its state, and the handles of its users. */
export class ChannelRecord implements PendingChannel {
  readonly name: string;
  readonly #owner: ChannelOwner;
  readonly parts = new Set<ChannelPart>();
  common: ChannelPart | undefined;
  options: SubscribeOptions = {};
  readonly place = new ChannelPosition();
  /** Sequence number of the subscribe request within the set. */
  askedAt = 0;
  /** Copy-on-write, so that a delivery in progress iterates over a stable list. */
  #watchers: readonly Watcher<unknown>[] = [];
  #iterators: readonly IteratorBuffer<unknown>[] = [];
  #state: ChannelState = 'unsubscribed';

  constructor(name: string, owner: ChannelOwner) {
    this.name = name;
    this.#owner = owner;
  }

  get state(): ChannelState {
    return this.#state;
  }

  get position(): Position | undefined {
    return this.place.value;
  }

  get watchers(): readonly Watcher<unknown>[] {
    return this.#watchers;
  }

  /** Whether a handle wishes to be subscribed. If not, a subscription was made by the other end. */
  get isWished(): boolean {
    return [...this.parts].some((part) => part.isWished);
  }

  /** Whether another handle wishes to be subscribed. */
  isWishedBeside(part: ChannelPart): boolean {
    return [...this.parts].some((other) => other !== part && other.isWished);
  }

  /** Updates the record after a part has changed: keeps or removes the part, and collects watchers and iterators. */
  update(part: ChannelPart): void {
    this.#keep(part);
    this.#collect();
  }

  #keep(part: ChannelPart): void {
    if (part.isAlive) this.parts.add(part);
    else this.parts.delete(part);
    if (part.isCommon) this.common = part.isAlive ? part : undefined;
  }

  #collect(): void {
    const present = [...this.parts].filter(({ hasLeft }) => !hasLeft);
    this.#watchers = present.flatMap(({ watchers = [] }) => watchers);
    this.#iterators = present.flatMap(({ iterators = [] }) => [...iterators]);
  }

  /**
   * Applies the transition of the state table for this cause, and emits its events. Returns whether the state changed.
   * `detail` is the error of a refusal, the message of a kick-out, or the `SubscribeStatus`.
   */
  advance(cause: ChannelCause, detail?: unknown): boolean {
    const { name: channel } = this;
    const oldState = this.#state;
    const { state: newState, events } = nextChannelStep(oldState, cause);
    if (newState === oldState) return false;
    this.#state = newState;
    const parts = [...this.parts];
    if (newState === 'unsubscribed') {
      this.place.forget();
      for (const part of parts) {
        if (part.isWished) part.wish = 'ended';
        part.endIterators(cause === 'refused' ? { error: detail } : undefined);
        this.#keep(part);
      }
      this.#collect();
    }
    this.#owner.channelEvent?.('subscribeStateChange', { channel, oldState, newState });
    for (const event of events) {
      // The state table pairs the events that take a detail with the causes that have one.
      const args = event === 'subscribe' ? [channel, detail] : event === 'unsubscribe' ? [channel] : [detail, channel];
      this.#emit(event, args as ChannelEvents[typeof event], parts);
    }
    return true;
  }

  /** Reports a new recovery status of an existing subscription. */
  report(status: SubscribeStatus): void {
    this.#emit('subscribe', [this.name, status], [...this.parts]);
  }

  /** Hot path: no allocation per watcher. */
  deliver(data: unknown, position: PublicationPosition = {}): void {
    const { offset } = position;
    const verdict = this.place.take(position);
    if (verdict === 'gap') this.#owner.requestMissing?.(this);
    if (verdict !== 'next') return;
    const watchers = this.#watchers;
    let info: PublicationInfo | undefined;
    for (let i = 0; i < watchers.length; i++) {
      // Pass the information only to watchers that declare it: a watcher like `console.log` would print it.
      const watcher = watchers[i] as (data: unknown, publication?: PublicationInfo) => unknown;
      try {
        const result =
          watcher.length > 1
            ? watcher(data, (info ??= { offset, isPast: offset !== undefined && this.place.isPast(offset) }))
            : watcher(data);
        if (result !== undefined) reportRejection(result, this.#owner.reportError);
      } catch (error) {
        this.#owner.reportError(error);
      }
    }
    for (const iterator of this.#iterators) iterator.push(data);
  }

  #emit<Name extends keyof ChannelEvents>(event: Name, args: ChannelEvents[Name], parts: readonly ChannelPart[]): void {
    for (const part of parts) {
      if (part.hasLeft) continue;
      part.events?.emit(event, ...args);
      // A `once` listener may have been the last reason to keep the part.
      if (!part.isAlive) this.update(part);
    }
    // The owner's events of the same names have the same arguments.
    this.#owner.channelEvent?.(event, ...(args as OwnerEvents[Name]));
  }
}

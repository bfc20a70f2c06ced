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
  /** Its place in the channel's stream; absent when the channel keeps no history, and for volatile publications. */
  readonly offset?: number | undefined;
  /** Whether it was published before the subscription was confirmed: it comes from the history. */
  readonly isPast: boolean;
}

/** Receives the publications of a channel; the second argument only if it has two parameters by its `length`. */
export type Watcher<Data> = (data: Data, publication: PublicationInfo) => void;

/** One user's part in a channel: the wish to be subscribed, watchers, listeners and iterators of one handle. */
export class ChannelPart {
  /** Whether it is the part of the owner's own functions, as `socket.subscribe(name)` and `socket.watch(name)`. */
  readonly isCommon: boolean;
  wish: 'never' | 'subscribed' | 'ended' = 'never';
  /** Left while others stayed: what is published is not for this part any more, until it subscribes again. */
  hasLeft = false;
  isDestroyed = false;
  /** Absent until there was one. */
  watchers: readonly Watcher<unknown>[] | undefined;
  events: Emitter<ChannelEvents> | undefined;
  iterators: Set<IteratorBuffer<unknown>> | undefined;

  constructor(isCommon: boolean) {
    this.isCommon = isCommon;
  }

  get isWished(): boolean {
    return this.wish === 'subscribed';
  }

  /** Whether it was never given anything to do: then it stands for the channel as a whole. */
  get isUnused(): boolean {
    return this.wish === 'never' && !this.watchers && !this.events && !this.iterators;
  }

  /** Whether there is anything that a channel has to remember. */
  get isAlive(): boolean {
    return this.isWished || !!this.watchers?.length || !!this.iterators?.size || !!this.events?.hasListeners;
  }

  endIterators(failure?: { readonly error: unknown }): void {
    for (const iterator of this.iterators ?? []) iterator.end(failure);
    this.iterators?.clear();
  }

  /** Forgets everything. */
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
  /** When the subscription was asked for, in turns of its set. */
  askedAt = 0;
  /** Replaced, never changed, so that a delivery under way sees the watchers it began with. */
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

  /** Whether a handle wants to be subscribed. Without one, the subscription was made by the other end. */
  get isWished(): boolean {
    return [...this.parts].some((part) => part.isWished);
  }

  /** Whether another handle wants to be subscribed. */
  isWishedBeside(part: ChannelPart): boolean {
    return [...this.parts].some((other) => other !== part && other.isWished);
  }

  /** A part has changed: keeps it if it is alive, and collects who hears publications. */
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
   * Takes the step that the state table has for this cause, and raises its events. Says whether the state changed.
   * `detail` is the refusal's error, the message of a kick-out, or what is known of the past.
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
      // The events that say more come with causes that have such a detail; the state table pairs them.
      const args = event === 'subscribe' ? [channel, detail] : event === 'unsubscribe' ? [channel] : [detail, channel];
      this.#emit(event, args as ChannelEvents[typeof event], parts);
    }
    return true;
  }

  /** Tells what has become of the past of a subscription that stands. */
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
      // Without the information for one that takes only the data: `console.log` would make something of it.
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
      // A listener that is called once may have been all that it had.
      if (!part.isAlive) this.update(part);
    }
    // An owner's events of these names have the same arguments.
    this.#owner.channelEvent?.(event, ...(args as OwnerEvents[Name]));
  }
}

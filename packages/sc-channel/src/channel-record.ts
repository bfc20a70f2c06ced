import { type ChannelCause, type ChannelState, nextChannelStep } from './channel-state.js';
import type { SCChannel } from './channel.js';
import type { IteratorBuffer } from './channel-iterator.js';
import { Emitter } from './emitter.js';
import type { ChannelOwner, PendingChannel } from './owner.js';
import type { SubscribeOptions } from './subscribe-options.js';

/** The events of one channel. */
export interface ChannelEvents {
  subscribe: [name: string];
  subscribeFail: [error: unknown, name: string];
  unsubscribe: [name: string];
  kickOut: [message: string, name: string];
}

export type Watcher<Data> = (data: Data) => void;

/** What belongs to one channel; shared by its handle, which users see, and its set, which moves it. */
export class ChannelRecord implements PendingChannel {
  readonly name: string;
  readonly events: Emitter<ChannelEvents>;
  readonly iterators = new Set<IteratorBuffer<unknown>>();
  readonly #owner: ChannelOwner;
  /** What users see of it. */
  handle: SCChannel | undefined;
  options: SubscribeOptions = {};
  /** When the subscription was asked for, in turns of its set. */
  askedAt = 0;
  isDestroyed = false;
  /** Replaced, never changed, so that a delivery under way sees the watchers it began with. */
  watchers: readonly Watcher<unknown>[] = [];
  #state: ChannelState = 'unsubscribed';

  constructor(name: string, owner: ChannelOwner) {
    this.name = name;
    this.#owner = owner;
    this.events = new Emitter((error) => owner.reportError(error));
  }

  get state(): ChannelState {
    return this.#state;
  }

  /**
   * Takes the step that the state table has for this cause, and raises its events. Says whether the state changed.
   * `detail` is the refusal's error, or the message of a kick-out.
   */
  advance(cause: ChannelCause, detail?: unknown): boolean {
    const { name: channel } = this;
    const oldState = this.#state;
    const { state: newState, events } = nextChannelStep(oldState, cause);
    if (newState === oldState) return false;
    this.#state = newState;
    if (newState === 'unsubscribed') this.endIterators(cause === 'refused' ? { error: detail } : undefined);
    this.#owner.channelEvent?.('subscribeStateChange', { channel, oldState, newState });
    for (const event of events) {
      // The events that say more come with causes that have such a detail; the state table pairs them.
      const args: ChannelEvents[typeof event] = /ubscribe$/.test(event) ? [channel] : [detail, channel];
      this.events.emit(event, ...args);
      this.#owner.channelEvent?.(event, ...args);
    }
    return true;
  }

  endIterators(failure?: { readonly error: unknown }): void {
    for (const iterator of this.iterators) iterator.end(failure);
    this.iterators.clear();
  }

  /** Hot path: no allocation per watcher. */
  deliver(data: unknown): void {
    const { watchers } = this;
    for (let i = 0; i < watchers.length; i++) {
      try {
        watchers[i]?.(data);
      } catch (error) {
        this.#owner.reportError(error);
      }
    }
    for (const iterator of this.iterators) iterator.push(data);
  }
}

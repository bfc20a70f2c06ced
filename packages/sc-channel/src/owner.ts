import type { ChannelState } from './channel-state.js';
import type { SubscribeOptions } from './subscribe-options.js';

/** What an owner needs to know of a channel in order to ask for it. */
export interface PendingChannel {
  readonly name: string;
  readonly options: SubscribeOptions;
}

/** What happened to a channel, told to its owner after the channel's own listeners have run. */
export type ChannelEvent =
  | {
      readonly type: 'stateChange';
      readonly channel: string;
      readonly oldState: ChannelState;
      readonly newState: ChannelState;
    }
  | { readonly type: 'subscribe'; readonly channel: string }
  | { readonly type: 'subscribeFail'; readonly channel: string; readonly error: unknown }
  | { readonly type: 'unsubscribe'; readonly channel: string }
  | { readonly type: 'kickOut'; readonly channel: string; readonly message: string };

/** What a set of channels needs from whoever carries their frames: a client's socket, or a server's exchange. */
export interface ChannelOwner {
  /**
   * The channel has just become pending. Ask for it now, or when it becomes possible (see
   * `ChannelSet.pendingInOrder`), and tell the set the outcome with `subscribed` or `failed`. Must not throw.
   */
  requestSubscribe(channel: PendingChannel): void;
  /** The channel has just left pending or subscribed because the user wants so. Must not throw. */
  requestUnsubscribe(name: string): void;
  /** Settles when the publication was accepted or refused. */
  publish(name: string, data: unknown): Promise<unknown>;
  /** Takes what a watcher or listener threw. Must not throw. */
  reportError(error: unknown): void;
  /** Hears of every change, for owners that offer the same events for all channels together. */
  channelEvent?(event: ChannelEvent): void;
}

import type { GapReason, Position } from 'sc-protocol';
import type { ChannelEvents, ChannelState } from './channel-state.js';
import type { ChannelOptionChecks } from './option-checks.js';
import type { SubscribeOptions } from './subscribe-options.js';

/** The details of a channel that an owner needs to request it. */
export interface PendingChannel {
  /** Name of the channel. */
  readonly name: string;
  /** Options of the subscription. */
  readonly options: SubscribeOptions;
  /** Where the subscription has to go on, if it has a position. */
  readonly position: Position | undefined;
}

/** The range of a channel's history to read. Positions are those of publications, or of `channel.position`. */
export interface ChannelHistoryOptions {
  /** Read what follows this position, oldest first. */
  readonly since?: Position;
  /** Read the newest before this position. */
  readonly before?: Position;
  /** Most publications to read. @default 100 */
  readonly limit?: number;
}

/** Publications of the past, oldest first. */
export interface ChannelHistory<Data = unknown> {
  /** The publications of the page. */
  readonly publications: readonly PastPublication<Data>[];
  /** The newest position of the stream. */
  readonly position: Position;
  /** Whether these are all that follow `since`, or end right before `before`, up to `limit`. */
  readonly recovered: boolean;
  /** Cause of an incomplete recovery. */
  readonly reason?: GapReason | undefined;
  /** Whether there are more: newer ones with `since`, otherwise older ones. */
  readonly hasMore: boolean;
}

/** A publication of the past. */
export interface PastPublication<Data = unknown> {
  /** Number of the publication in its stream. */
  readonly offset: number;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
  /** The published data. */
  readonly data: Data;
}

/** Details of the event `subscribeStateChange`. */
export interface SubscribeStateChange {
  /** Name of the channel. */
  readonly channel: string;
  /** The state before the change. */
  readonly oldState: ChannelState;
  /** The state after the change. */
  readonly newState: ChannelState;
}

/** The events of a channel, and every change of its state. */
export interface OwnerEvents extends ChannelEvents {
  /** The state of a channel has changed. */
  subscribeStateChange: [change: SubscribeStateChange];
}

/** The interface to the carrier of the frames of a set of channels: a client's socket, or a server's exchange. */
export interface ChannelOwner {
  /**
   * The channel has just become pending. Ask for it now, or when it becomes possible (see
   * `ChannelSet.pendingInOrder`), and tell the set the outcome with `subscribed` or `failed`. Must not throw.
   */
  requestSubscribe(channel: PendingChannel): void;
  /** A pending channel was asked for with other options: matters to owners that hold some requests back. */
  optionsChanged?(channel: PendingChannel): void;
  /** The channel has just left pending or subscribed because the user wants so. Must not throw. */
  requestUnsubscribe(name: string): void;
  /** Settles when the publication was accepted or refused: with data of middleware, or else with its position if it has one. */
  publish(name: string, data: unknown): Promise<unknown>;
  /** Publications are missing: ask for the subscription again, from its position. Must not throw. */
  requestMissing?(channel: PendingChannel): void;
  /** Reads the channel's past. */
  history?(name: string, options: ChannelHistoryOptions): Promise<ChannelHistory>;
  /** Transport of the frames, for parts beside the channels that send frames of their own. */
  readonly carrier?: unknown;
  /** Takes what a watcher or listener threw. Must not throw. */
  readonly reportError: (error: unknown) => void;
  /** Without these every option goes. */
  readonly optionChecks?: ChannelOptionChecks | undefined;
  /** Hears of each event after the channel's own listeners, for owners that offer the same for all channels together. */
  channelEvent?<Name extends keyof OwnerEvents>(event: Name, ...args: OwnerEvents[Name]): void;
}

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
  /** The position from which the subscription must continue, if any. */
  readonly position: Position | undefined;
}

/** The range of a channel's history to read. Positions are from publications, or from `channel.position`. */
export interface ChannelHistoryOptions {
  /** Read the publications after this position, oldest first. */
  readonly since?: Position;
  /** Read the newest publications before this position. */
  readonly before?: Position;
  /** Maximum number of publications to read. @default 100 */
  readonly limit?: number;
}

/** A page of past publications, oldest first. */
export interface ChannelHistory<Data = unknown> {
  /** The publications of the page. */
  readonly publications: readonly PastPublication<Data>[];
  /** The newest position of the stream. */
  readonly position: Position;
  /** Whether the publications follow `since`, or lead up to `before`, without a gap, up to `limit`. */
  readonly recovered: boolean;
  /** Cause of an incomplete recovery. */
  readonly reason?: GapReason | undefined;
  /** Whether more publications exist: newer ones with `since`, otherwise older ones. */
  readonly hasMore: boolean;
}

/** A past publication. */
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

/** The interface through which a set of channels calls its owner: a client's socket, or a server's exchange. */
export interface ChannelOwner {
  /**
   * The channel has become pending. Send the request now, or when possible (see `ChannelSet.pendingInOrder`), and
   * report the outcome to the set with `subscribed` or `failed`. Must not throw.
   */
  requestSubscribe(channel: PendingChannel): void;
  /** The options of a pending channel have changed. For owners that defer some requests. */
  optionsChanged?(channel: PendingChannel): void;
  /** The user has unsubscribed from a pending or subscribed channel. Must not throw. */
  requestUnsubscribe(name: string): void;
  /** Resolves when the publication was accepted, with data of middleware, or else with its position, if any. */
  publish(name: string, data: unknown): Promise<unknown>;
  /** Publications are missing: resubscribe from the position. Must not throw. */
  requestMissing?(channel: PendingChannel): void;
  /** Reads the channel's history. */
  history?(name: string, options: ChannelHistoryOptions): Promise<ChannelHistory>;
  /** Transport of the frames, for other parts that send frames of their own. */
  readonly carrier?: unknown;
  /** Receives exceptions of watchers and listeners. Must not throw. */
  readonly reportError: (error: unknown) => void;
  /** Validates options. If absent, any option is accepted. */
  readonly optionChecks?: ChannelOptionChecks | undefined;
  /** Called for each event after the channel's own listeners, for owners that re-emit the events of all channels. */
  channelEvent?<Name extends keyof OwnerEvents>(event: Name, ...args: OwnerEvents[Name]): void;
}

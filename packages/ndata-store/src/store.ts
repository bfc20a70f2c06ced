import type { ChannelHandle, ChannelSink, OpenOptions } from './channel-sink.js';
import type { ChannelCommands, PublishOptions, Published } from './commands/channels.js';
import type { MemberCommands } from './commands/members.js';
import type { ProcedureCommands, QueryCommands, SendCommands } from './commands/procedures.js';
import type { StoreCommands } from './commands/store.js';
import type { StreamCommands } from './commands/streams.js';
import type { DataStore } from './commands/table.js';
import type { KeyChain } from './key-chain.js';
import type { Member, MemberSink, Membership, MembershipEnd } from './member-sink.js';
import type { OrderStore } from './order-store.js';

/** State of the link to a shard. */
export type ShardState = 'connecting' | 'ready' | 'waiting' | 'closed';

/** State of one shard. */
export interface ShardStatus {
  /** Name of the shard. */
  readonly name: string;
  /** `waiting`: the link is lost and the next connection attempt is scheduled. */
  readonly state: ShardState;
  /** Calls without a response, including calls that wait for a link. */
  readonly pendingCalls: number;
  /** Fire-and-forget publications that were sent and are not acknowledged yet. */
  readonly unacked: number;
  /** Calls and publications rejected by `maxPendingCalls` or `maxPendingBytes` since the client was created. */
  readonly refused: number;
  /** Fire-and-forget publications that were or may have been lost since the client was created. */
  readonly lost: number;
  /** Number of link losses since the client was created. */
  readonly linksLost: number;
  /** Number of subscriptions. */
  readonly subscriptions: number;
  /** Why the link was lost or could not be established. */
  readonly lastError?: Error;
}

/** A write at, above or beneath a watched key chain. */
export interface Change {
  /** The key chain that was written; empty if all data was removed. */
  readonly keyChain: readonly string[];
  /** The command that wrote, `expire`, or `lost`: changes were not reported because this process read too slowly. */
  readonly command: string;
}

/** Receives changes of a watched key chain. */
export type ChangeListener = (change: Change) => void;

/** Events of a store client. */
export interface StoreEvents {
  /** All shards are connected. Emitted again after a lost shard has reconnected. */
  ready: () => void;
  /** The client is closed, by `close()` or because a store refused the secret. */
  close: () => void;
  /** An error that cannot be reported to any call. */
  error: (error: Error) => void;
  /** A shard is connected. */
  shardReady: (shard: string) => void;
  /** The link to a shard is lost. Calls in flight fail; the client reconnects and resubscribes automatically. */
  shardLost: (shard: string, error: Error) => void;
  /** The shard has acknowledged a subscription: the first time and after each reconnect. */
  subscribe: (channel: string) => void;
  /** The shard has refused a subscription, or could not be reached in time. */
  subscribeFail: (error: Error, channel: string) => void;
  /** A subscription has ended. */
  unsubscribe: (channel: string) => void;
  /** A publication with its payload decoded. Listen to this or set `onPayload`. */
  message: (channel: string, data: unknown) => void;
  /**
   * Publications of a channel subscribed with `subscribe` were lost: this process read too slowly, or the link was
   * lost. `count` is `undefined` if the number is unknown, as after a store restart.
   */
  publicationsLost: (channel: string, count: number | undefined) => void;
  /** A member has joined a channel watched with `watchMembers`. */
  memberJoin: (channel: string, member: Member) => void;
  /** A member has left a channel watched with `watchMembers`. */
  memberLeave: (channel: string, member: Member) => void;
  /** The info of a member of a channel watched with `watchMembers` has changed. */
  memberUpdate: (channel: string, member: Member) => void;
  /** Member changes of a channel were dropped because this process read too slowly. The net change is reported next. */
  membersLost: (channel: string) => void;
}

/**
 * Receives a publication: the channel, the payload as published, and the offset in the channel's stream, 0 if it has
 * none. Called synchronously, in the shard's order. The payload stays valid and is never modified; it may be a view
 * that keeps a larger buffer alive, so copy payloads that are kept for long.
 */
export type PayloadListener = (channel: string, payload: Uint8Array, offset: number) => void;

/** Channels: live publications, history and members. */
export interface ChannelStore extends ChannelCommands, StreamCommands, MemberCommands {
  /** Receives every publication of the channels subscribed with `subscribe`. One function, set by the owner. */
  onPayload: PayloadListener | undefined;
  /**
   * Opens a channel for a sink. The sink receives all events of the channel in wire order. It is resubscribed after
   * every link loss until it is closed, and waits for the store without a deadline. Throws `InvalidArgumentsError`.
   */
  open(channel: string, sink: ChannelSink, options?: OpenOptions): ChannelHandle;
  /**
   * Opens the members of a channel for a sink: the list, then every change. The watch is restored after every link loss
   * until it is closed. Returns a function that closes it.
   */
  openMembers(channel: string, sink: MemberSink): () => Promise<void>;
  /**
   * Adds a user as a member, or replaces the info. The grace period is that of the channel's rule, or 15 s. The
   * membership is restored after every link loss until `endMember`. Failures are reported by the `error` event.
   */
  holdMember(membership: Membership): void;
  /** Ends a membership that was added with `holdMember`. */
  endMember(membership: Membership, end: MembershipEnd): void;
  /** Names of the subscribed channels. */
  subscriptions(): string[];
  /** Whether the shard has acknowledged the subscription on the current link. */
  isSubscribed(channel: string): boolean;
  /** Like `publish`, with an opaque payload: bytes, or text sent as UTF-8. An empty payload means no data. */
  publishPayload(channel: string, payload: Uint8Array | string, options?: PublishOptions): Promise<Published>;
  /**
   * Fire-and-forget `publishPayload`: publications have no response of their own. Publications that were refused,
   * failed, or were in flight at a link loss are counted in `status()` and reported by the `error` event, at most once
   * per second. Throws `InvalidArgumentsError`.
   */
  publishWithoutAck(channel: string, payload: Uint8Array | string, options?: PublishOptions): void;
}

/**
 * A store: in this process, behind one link, or spread over shards. Every command returns a promise and takes a
 * callback as its last argument. A shard runs the commands of one client in the order in which they were issued.
 */
export interface Store
  extends DataStore, ChannelStore, OrderStore, ProcedureCommands, QueryCommands, SendCommands, StoreCommands {
  /**
   * Calls the listener for every write at, above or beneath the key chain. Writes during a link loss are not reported:
   * read the data again on `shardReady`, and whenever a change has an empty chain and the command `lost`.
   */
  watch(key: KeyChain, listener: ChangeListener): Promise<void>;
  /** Removes a listener; without one, removes all listeners of the chain. */
  unwatch(key: KeyChain, listener?: ChangeListener): Promise<void>;

  /** Emitted when a member joins, leaves or changes in a channel watched with `watchMembers`. */
  on(
    event: 'memberJoin' | 'memberLeave' | 'memberUpdate',
    listener: (channel: string, member: Member) => void,
  ): unknown;
  /** Removes a listener. */
  off(
    event: 'memberJoin' | 'memberLeave' | 'memberUpdate',
    listener: (channel: string, member: Member) => void,
  ): unknown;
  /** Emitted when the link to a shard is lost. */
  on(event: 'shardLost', listener: (shard: string, error: Error) => void): unknown;
  /** Removes a listener. */
  off(event: 'shardLost', listener: (shard: string, error: Error) => void): unknown;
  /** Emitted when the link to a shard is established. */
  on(event: 'shardReady', listener: (shard: string) => void): unknown;
  /** Removes a listener. */
  off(event: 'shardReady', listener: (shard: string) => void): unknown;

  /** One entry per shard, in the order of the shards. */
  status(): ShardStatus[];
  /** Rejects new calls, waits for the responses of calls in flight, then closes. */
  drain(): Promise<void>;
  /** Closes the client. Calls in flight fail. */
  close(): Promise<void>;
}

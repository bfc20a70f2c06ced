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
  /** `waiting`: the link is lost and the next attempt is scheduled. */
  readonly state: ShardState;
  /** Calls that have no answer yet, those that wait for a link among them. */
  readonly pendingCalls: number;
  /** Publications without an ack that were sent and not confirmed yet. */
  readonly unacked: number;
  /** Calls and publications refused at `maxPendingCalls` or `maxPendingBytes` since the client was made. */
  readonly refused: number;
  /** Publications without an ack that were lost, or may have been, since the client was made. */
  readonly lost: number;
  /** Times that its link was lost since the client was made. */
  readonly linksLost: number;
  /** Number of subscriptions. */
  readonly subscriptions: number;
  /** Why the link was lost or is not there yet. */
  readonly lastError?: Error;
}

/** Something was written at, above or beneath a watched key chain. */
export interface Change {
  /** The chain that was written; empty when all was removed. */
  readonly keyChain: readonly string[];
  /** The command that wrote; `expire`; or `lost`: changes went unreported, as this process did not read fast enough. */
  readonly command: string;
}

/** Receives changes of a watched key chain. */
export type ChangeListener = (change: Change) => void;

/** Events of a store client. */
export interface StoreEvents {
  /** All shards can be reached. Comes again after one was lost and is back. */
  ready: () => void;
  /** The store client has ended, by `close()` or because the secret was refused. */
  close: () => void;
  /** An error that cannot be reported to any call. */
  error: (error: Error) => void;
  /** A shard is connected. */
  shardReady: (shard: string) => void;
  /** Its calls in flight failed; the client reconnects and subscribes again by itself. */
  shardLost: (shard: string, error: Error) => void;
  /** The shard has the subscription, for the first time or again after its link was lost. */
  subscribe: (channel: string) => void;
  /** The shard has refused a subscription, or could not be reached in time. */
  subscribeFail: (error: Error, channel: string) => void;
  /** A subscription has ended. */
  unsubscribe: (channel: string) => void;
  /** A publication with its payload decoded. Listen to this or set `onPayload`. */
  message: (channel: string, data: unknown) => void;
  /**
   * Publications of a channel that was subscribed to with `subscribe` did not arrive: this process did not read fast enough,
   * or the link was lost. Their number is `undefined` when it is unknown, as after the end of a store.
   */
  publicationsLost: (channel: string, count: number | undefined) => void;
  /** A member has joined a channel that is watched with `watchMembers`. */
  memberJoin: (channel: string, member: Member) => void;
  /** A member has left a channel that is watched with `watchMembers`. */
  memberLeave: (channel: string, member: Member) => void;
  /** The info of a member of a channel that is watched with `watchMembers` has changed. */
  memberUpdate: (channel: string, member: Member) => void;
  /**
   * Changes of a channel's members were left out, because this process did not read fast enough. The sum of the changes
   * is reported next.
   */
  membersLost: (channel: string) => void;
}

/**
 * Takes a publication: the channel, the payload as it was published, and its offset in the channel's stream, 0 when
 * there is none. Called synchronously, in the shard's order. The payload stays valid and is never changed; a view into
 * a larger buffer keeps that buffer alive, so copy what is kept for long.
 */
export type PayloadListener = (channel: string, payload: Uint8Array, offset: number) => void;

/** Channels: publications as they happen, those of the past, and their members. */
export interface ChannelStore extends ChannelCommands, StreamCommands, MemberCommands {
  /** Takes every publication of the channels subscribed to. One function; the owner sets it. */
  onPayload: PayloadListener | undefined;
  /**
   * Opens a channel for a sink, which is told everything that happens to it in the order of the wire. It stays open until it
   * is closed, however often the store is away, and waits for the store without a deadline. Throws `InvalidArgumentsError`.
   */
  open(channel: string, sink: ChannelSink, options?: OpenOptions): ChannelHandle;
  /**
   * Opens the members of a channel for a sink: the list, then every change of it. It stays open until it is closed, however
   * often the store is away. Returns what closes it.
   */
  openMembers(channel: string, sink: MemberSink): () => Promise<void>;
  /**
   * Makes a user a member, or replaces its info, with the grace of the channel's rule, or 15 s. It stays one until
   * `endMember`, however often the store is away; failures are reported by `error`.
   */
  holdMember(membership: Membership): void;
  /** Ends a socket that `holdMember` has named. */
  endMember(membership: Membership, end: MembershipEnd): void;
  /** Names of the subscribed channels. */
  subscriptions(): string[];
  /** Whether the shard has confirmed the subscription on the present link. */
  isSubscribed(channel: string): boolean;
  /** As `publish`, with a payload that no store looks into: bytes, or text that goes as UTF-8. No bytes mean no data. */
  publishPayload(channel: string, payload: Uint8Array | string, options?: PublishOptions): Promise<Published>;
  /**
   * Fire-and-forget `publishPayload`: no publication has a response of its own. Publications that were refused, failed, or
   * were on their way when the link was lost are counted in `status()` and reported by `error`, once a second at most.
   * Throws `InvalidArgumentsError`.
   */
  publishWithoutAck(channel: string, payload: Uint8Array | string, options?: PublishOptions): void;
}

/**
 * A store: in this process, behind one link, or spread over shards. Every command returns a promise and takes a
 * callback as its last argument. Commands of one client to one shard run in the order they were given.
 */
export interface Store
  extends DataStore, ChannelStore, OrderStore, ProcedureCommands, QueryCommands, SendCommands, StoreCommands {
  /**
   * Tells the listener of every write at, above or beneath the key chain. While a link is away, writes go untold:
   * `shardReady` is the time to read again. An empty chain with the command `lost` says the same at other times.
   */
  watch(key: KeyChain, listener: ChangeListener): Promise<void>;
  /** Without a listener, all of the chain's. */
  unwatch(key: KeyChain, listener?: ChangeListener): Promise<void>;

  /** Members that join, leave and change, where `watchMembers` asked for them. */
  on(
    event: 'memberJoin' | 'memberLeave' | 'memberUpdate',
    listener: (channel: string, member: Member) => void,
  ): unknown;
  /** Removes such a listener. */
  off(
    event: 'memberJoin' | 'memberLeave' | 'memberUpdate',
    listener: (channel: string, member: Member) => void,
  ): unknown;
  /** Links that are lost, and that stand again. */
  on(event: 'shardLost', listener: (shard: string, error: Error) => void): unknown;
  /** Removes such a listener. */
  off(event: 'shardLost', listener: (shard: string, error: Error) => void): unknown;
  /** Links that are connected. */
  on(event: 'shardReady', listener: (shard: string) => void): unknown;
  /** Removes such a listener. */
  off(event: 'shardReady', listener: (shard: string) => void): unknown;

  /** One entry per shard, in the order they were given. */
  status(): ShardStatus[];
  /** Takes no more calls, waits for the answers of those in flight, and closes. */
  drain(): Promise<void>;
  /** Ends the client. Calls in flight fail. */
  close(): Promise<void>;
}

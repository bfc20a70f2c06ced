import type { CommandList } from '../calls/command-list.js';
import type { StoreLimitName } from '../data/limit-hits.js';
import type { KeyChain } from '../key-chain.js';
import type { ChannelStore, Member } from './channel-store.js';
import type { Callback, DataStore } from './data-store.js';

export type ShardState = 'connecting' | 'ready' | 'waiting' | 'closed';

export interface ShardStatus {
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
  readonly subscriptions: number;
  /** Why the link was lost or is not there yet. */
  readonly lastError?: Error;
}

/** What a shard counts. */
export interface ShardStatistics {
  /** Root keys. */
  readonly keys: number;
  readonly expiries: number;
  /** About what keys, values and streams take. */
  readonly memoryBytes: number;
  /** Channels with a subscription. */
  readonly channels: number;
  readonly streams: number;
  readonly members: number;
  /** Commands since its start. */
  readonly commands: number;
  readonly isReadOnly: boolean;
  /**
   * How often somebody ran into each limit since the store's start:
   * `authFailures`: logins with a wrong secret or another protocol;
   * `clients`: logins turned away at `maxClients`;
   * `evictions`: keys removed before their time by `memoryPolicy: 'evict-volatile'`;
   * `invalidFrames`: clients disconnected for bytes that are no frame, or a frame beyond `maxValueBytes`;
   * `loginTimeout`: connections that did not log in within `loginTimeoutMs`;
   * `memoryBytes`: writes refused at `maxMemoryBytes`;
   * `pendingBytes`: clients disconnected because more than `maxPendingBytes` waited for them;
   * `pendingLogins`: connections turned away at `maxPendingLogins`;
   * `queryTimeout`: functions ended at `queryTimeoutMs`;
   * `replyBytes`: answers that were too large to be sent;
   * `tlsHandshakes`: connections that failed to encrypt.
   */
  readonly limitHits: Readonly<Record<StoreLimitName, number>>;
}

/** Something was written at, above or beneath a watched key chain. */
export interface Change {
  /** The chain that was written; empty when all was removed. */
  readonly keyChain: readonly string[];
  /** The command that wrote, or `expire`. */
  readonly command: string;
}

export type ChangeListener = (change: Change) => void;

export interface InvokeOptions {
  /** Runs it on the shard of this key. @default the procedure's name */
  readonly key?: KeyChain;
}

export interface QueryOptions {
  /** Variables of the function. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The function's `dataMap` begins here, and it runs on this chain's shard. */
  readonly baseKey?: KeyChain;
}

/** A function whose source is sent to a store: `(dataMap, dataExpirer, channelMap) => value`. */
export type QueryFunction = ((...args: never[]) => unknown) & {
  /** Variables of the function. */
  data?: Readonly<Record<string, unknown>>;
};

export interface StoreEvents {
  /** All shards can be reached. Comes again after one was lost and is back. */
  ready: () => void;
  /** The store client has ended, by `close()` or because the secret was refused. */
  close: () => void;
  error: (error: Error) => void;
  shardReady: (shard: string) => void;
  /** Its calls in flight failed; the client reconnects and subscribes again by itself. */
  shardLost: (shard: string, error: Error) => void;
  /** The shard has the subscription, for the first time or again after its link was lost. */
  subscribe: (channel: string) => void;
  subscribeFail: (error: Error, channel: string) => void;
  unsubscribe: (channel: string) => void;
  /** A publication with its payload decoded. Listen to this or set `onPayload`. */
  message: (channel: string, data: unknown) => void;
  memberJoin: (channel: string, member: Member) => void;
  memberLeave: (channel: string, member: Member) => void;
}

/**
 * A store: in this process, behind one link, or spread over shards. Every command returns a promise and takes a
 * callback as its last argument. Commands of one client to one shard run in the order they were given.
 */
export interface Store extends DataStore, ChannelStore {
  /**
   * Tells the listener of every write at, above or beneath the key chain. While a link is away, writes go untold:
   * `shardReady` is the time to read again.
   */
  watch(key: KeyChain, listener: ChangeListener): Promise<void>;
  /** Without a listener, all of the chain's. */
  unwatch(key: KeyChain, listener?: ChangeListener): Promise<void>;

  /** Calls a procedure that the store's controller has defined. */
  invoke(procedure: string, data?: unknown, options?: InvokeOptions, callback?: Callback<unknown>): Promise<unknown>;
  /**
   * Sends the function's source to the store, which runs it. Stores refuse that unless `unsafeQueryFunctions` is on:
   * whoever can do this can do anything in the store's process. Prefer `invoke`.
   */
  run(query: QueryFunction, options?: QueryOptions, callback?: Callback<unknown>): Promise<unknown>;
  /** As `run`, with the variables as second argument. */
  query(query: QueryFunction, data?: QueryOptions['data'], callback?: Callback<unknown>): Promise<unknown>;
  /** Sends data to a store's controller; resolves with its answer. */
  send(data: unknown, options?: InvokeOptions, callback?: Callback<unknown>): Promise<unknown>;
  /** The commands each store runs when this client's link to it closes, however it does. `undefined` takes them back. */
  setLastWill(commands: CommandList | undefined): Promise<void>;

  /** One entry per shard, in the order they were given. */
  status(): ShardStatus[];
  /** One entry per shard, in the same order. */
  statistics(callback?: Callback<ShardStatistics[]>): Promise<ShardStatistics[]>;
  /** Takes no more calls, waits for the answers of those in flight, and closes. */
  drain(): Promise<void>;
  /** Ends the client. Calls in flight fail. */
  close(): Promise<void>;
}

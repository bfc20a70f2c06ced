import type { StoreLimitName } from '../data/limit-hits.js';
import type { StoreCore } from './store-core.js';

/** Counters of a shard. */
export interface ShardStatistics {
  /** Root keys. */
  readonly keys: number;
  /** Number of keys with an expiry. */
  readonly expiries: number;
  /** About what keys, values and streams take. */
  readonly memoryBytes: number;
  /** Channels with a subscription. */
  readonly channels: number;
  /** Number of streams. */
  readonly streams: number;
  /** Number of members of channels. */
  readonly members: number;
  /** Commands since its start. */
  readonly commands: number;
  /** Publications since its start. */
  readonly publications: number;
  /** Publications that it gave to a subscribed process since its start: each counts once for each of them. */
  readonly deliveries: number;
  /** Bytes that wait to be written to its log. */
  readonly logPendingBytes: number;
  /** Whether writes of keys are refused, because the log cannot be written. */
  readonly isReadOnly: boolean;
  /** Orders that not every process has confirmed. */
  readonly unconfirmedOrders: number;
  /** Times that its log could not be written: the store was read-only until it could be again. */
  readonly logFailures: number;
  /**
   * How often somebody ran into each limit since the store's start:
   * `authFailures`: logins with a wrong secret, another protocol, or another position of the store;
   * `clients`: logins turned away at `maxClients`;
   * `evictions`: keys removed before their time by `memoryPolicy: 'evict-volatile'`;
   * `invalidFrames`: clients disconnected for bytes that are no frame, or a frame beyond `maxValueBytes`;
   * `loginTimeout`: connections that did not log in within `loginTimeoutMs`;
   * `memoryBytes`: writes refused at `maxMemoryBytes`;
   * `pendingBytes`: times that publications were left out for a client because `maxPendingBytes` waited for it;
   * `pendingLogins`: connections turned away at `maxPendingLogins`;
   * `queryTimeout`: functions ended at `queryTimeoutMs`;
   * `readTimeout`: clients disconnected because they read nothing for `readTimeoutMs`;
   * `replyBytes`: answers that were too large to be sent;
   * `tlsHandshakes`: connections that failed to encrypt.
   */
  readonly limitHits: Readonly<Record<StoreLimitName, number>>;
}

export function statisticsOf(core: StoreCore): ShardStatistics {
  return {
    keys: core.tree.root.size,
    expiries: core.expiry.size,
    memoryBytes: core.memoryBytes,
    channels: core.topics.size,
    streams: core.streams.size,
    members: core.members.size,
    commands: core.commandCount,
    publications: core.publicationCount,
    deliveries: core.topics.deliveries,
    logPendingBytes: core.journal?.pendingBytes ?? 0,
    isReadOnly: core.readOnly !== undefined,
    unconfirmedOrders: core.orders.size,
    logFailures: core.logFailures,
    limitHits: core.limitHits.snapshot(),
  };
}

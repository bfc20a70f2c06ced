import type { StoreLimitName } from '../data/limit-hits.js';
import type { StoreCore } from './store-core.js';

/** Counters of a shard. */
export interface ShardStatistics {
  /** Root keys. */
  readonly keys: number;
  /** Number of keys with an expiry. */
  readonly expiries: number;
  /** Approximate memory of keys, values, streams, subscriptions and members, in bytes. */
  readonly memoryBytes: number;
  /** Channels with a subscription. */
  readonly channels: number;
  /** Number of streams. */
  readonly streams: number;
  /** Number of members of channels. */
  readonly members: number;
  /** Commands since the store's start. */
  readonly commands: number;
  /** Publications since the store's start. */
  readonly publications: number;
  /** Deliveries to subscribed processes since the store's start: a publication counts once per process. */
  readonly deliveries: number;
  /** Bytes waiting to be written to the log. */
  readonly logPendingBytes: number;
  /** Whether writes of keys are rejected because the log cannot be written. */
  readonly isReadOnly: boolean;
  /** Orders that not every process has confirmed. */
  readonly unconfirmedOrders: number;
  /** Failures to write the log. The store is read-only from each failure until the log is writable again. */
  readonly logFailures: number;
  /**
   * Number of times each limit was hit since the store's start:
   * `authFailures`: logins with a wrong secret, another protocol, or another position of the store;
   * `clients`: logins rejected at `maxClients`;
   * `evictions`: keys evicted before their expiry by `memoryPolicy: 'evict-volatile'`;
   * `invalidFrames`: clients disconnected for an invalid frame, or a frame beyond `maxValueBytes`;
   * `loginTimeout`: connections that did not log in within `loginTimeoutMs`;
   * `memoryBytes`: writes rejected at `maxMemoryBytes`;
   * `pendingBytes`: times that publications were dropped for a client whose send queue was full (`maxPendingBytes`);
   * `pendingLogins`: connections rejected at `maxPendingLogins`;
   * `queryTimeout`: functions terminated at `queryTimeoutMs`;
   * `readTimeout`: clients disconnected because they read nothing for `readTimeoutMs`;
   * `replyBytes`: replies that were too large to send;
   * `tlsHandshakes`: failed TLS handshakes.
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

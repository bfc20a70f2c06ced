import type { ResolvedServerOptions } from '../server/options.js';

/** Every limit that a client can exceed. */
export const limitNames = [
  'authFailures',
  'authTokenBytes',
  'channelsPerSocket',
  'connectionRate',
  'fragments',
  'handshakeBytes',
  'handshakeTimeout',
  'inboundRate',
  'listLength',
  'loadShedding',
  'messageBytes',
  'messageTimeout',
  'nameBytes',
  'nesting',
  'outstandingCalls',
  'pendingBytes',
  'pendingBytesOfAll',
  'pingTimeout',
  'publishOutQueue',
  'subscribeRate',
  'volatilePendingBytes',
] as const;

/** Names of the limits of a server. */
export type LimitName = (typeof limitNames)[number];

export function isLimitName(name: unknown): name is LimitName {
  return (limitNames as readonly unknown[]).includes(name);
}

/** The server option that sets each limit. A limit without one belongs to the protocol. */
export const limitOptions = {
  authFailures: 'maxAuthFailures',
  authTokenBytes: 'authMaxTokenBytes',
  channelsPerSocket: 'socketChannelLimit',
  connectionRate: 'connectionRate',
  fragments: 'maxFragments',
  handshakeBytes: 'maxHandshakeBytes',
  handshakeTimeout: 'handshakeTimeout',
  inboundRate: 'inboundRate',
  listLength: undefined,
  loadShedding: 'maxEventLoopLag',
  messageBytes: 'maxPayloadBytes',
  messageTimeout: 'messageTimeout',
  nameBytes: 'maxNameBytes',
  nesting: 'maxNestingDepth',
  outstandingCalls: 'maxOutstandingCalls',
  pendingBytes: 'maxPendingBytes',
  pendingBytesOfAll: 'maxPendingBytesOfAll',
  pingTimeout: 'pingTimeout',
  publishOutQueue: 'maxPublishOutQueue',
  subscribeRate: 'subscribeRate',
  volatilePendingBytes: 'maxVolatilePendingBytes',
} as const satisfies Readonly<Record<LimitName, keyof ResolvedServerOptions | undefined>>;

/** Counts how often clients of one server exceeded each limit. */
export class LimitHits {
  readonly #counts = new Map<LimitName, number>();

  hit(limit: LimitName, times = 1): void {
    this.#counts.set(limit, (this.#counts.get(limit) ?? 0) + times);
  }

  /** All limits with their counts, including 0. */
  snapshot(): Readonly<Record<LimitName, number>> {
    const entries = limitNames.map((name) => [name, this.#counts.get(name) ?? 0] as const);
    return Object.fromEntries(entries) as Record<LimitName, number>;
  }
}

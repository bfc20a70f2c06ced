/** Sort orders of a list of clients, highest first; a list sorted by `id` can be paged. */
export const clientOrders = ['id', 'queue', 'age', 'received', 'sent', 'subscriptions'] as const;
export type ClientOrder = (typeof clientOrders)[number];

/** Maximum number of clients in a list. */
export const maxListedClients = 1_000;

/** Selects the clients to list. */
export interface ClientQuery {
  /** Only the client with this socket id; its channels are listed too. */
  readonly id?: string;
  readonly user?: string;
  readonly address?: string;
  readonly sort: ClientOrder;
  readonly limit: number;
  /** Only clients whose id is greater, ordered by id: the next page. */
  readonly after?: string;
}

/** Selects the channels whose subscribers are counted: the named ones, or those with the most subscribers. */
export interface ChannelQuery {
  readonly names?: readonly string[];
  /** Only channels whose name begins with this text. */
  readonly startsWith?: string;
  readonly limit: number;
}

/** A channel and its number of subscribed sockets. */
export type ChannelSubscribers = readonly [channel: string, subscribers: number];

/** The target of an action: one socket, or all sockets of a user. */
export type ClientTarget = { readonly id: string } | { readonly user: string };

/** Queries and actions sent to every worker. */
export type WorkerQuestion =
  | { readonly type: 'clients'; readonly query: ClientQuery }
  | { readonly type: 'channels'; readonly query: ChannelQuery }
  | { readonly type: 'disconnect'; readonly target: ClientTarget; readonly code: number; readonly reason: string }
  | { readonly type: 'revoke'; readonly target: ClientTarget }
  | { readonly type: 'kick'; readonly target: ClientTarget; readonly channel: string; readonly message: string };

/** A client as shown to an operator. */
export interface ListedClient {
  readonly id: string;
  /** Value of the token's `userClaim`, truncated if long. */
  readonly user?: string;
  readonly address?: string;
  readonly state: string;
  /** Milliseconds since the client connected. */
  readonly ageMs: number;
  /** Bytes in its send queue. */
  readonly queueBytes: number;
  /** Bytes of its connection, including the upgrade. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Number of subscribed channels. */
  readonly subscriptions: number;
  /** Names of the subscribed channels, if the query has an `id`; at most 1000. */
  readonly channels?: readonly string[];
}

/**
 * The response of one worker: its clients and the number of matches; its channels; or the number of sockets that an
 * action affected.
 */
export type WorkerAnswer =
  | { readonly clients: readonly ListedClient[]; readonly total: number }
  | { readonly channels: readonly ChannelSubscribers[] }
  | { readonly sockets: number };

/** Returns the comparison function for a sort order. */
export function compareClients(sort: ClientOrder): (one: ListedClient, other: ListedClient) => number {
  switch (sort) {
    case 'id':
      return (one, other) => (one.id < other.id ? -1 : Number(one.id > other.id));
    case 'queue':
      return (one, other) => other.queueBytes - one.queueBytes;
    case 'age':
      return (one, other) => other.ageMs - one.ageMs;
    case 'received':
      return (one, other) => other.receivedBytes - one.receivedBytes;
    case 'sent':
      return (one, other) => other.sentBytes - one.sentBytes;
    case 'subscriptions':
      return (one, other) => other.subscriptions - one.subscriptions;
    default:
      return sort satisfies never;
  }
}

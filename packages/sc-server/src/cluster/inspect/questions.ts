/** Orders of a list of clients: the most first; by `id`, the list can be paged. */
export const clientOrders = ['id', 'queue', 'age', 'received', 'sent', 'subscriptions'] as const;
export type ClientOrder = (typeof clientOrders)[number];

/** Clients that a list has at most. */
export const maxListedClients = 1_000;

/** Which clients to list. */
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

/** Which channels to count the subscribers of: the named ones, or those with the most. */
export interface ChannelQuery {
  readonly names?: readonly string[];
  /** Only channels whose name begins with this text. */
  readonly startsWith?: string;
  readonly limit: number;
}

/** A channel, and how many sockets are subscribed to it. */
export type ChannelSubscribers = readonly [channel: string, subscribers: number];

/** The clients that an action is about: one socket, or every socket of a user. */
export type ClientTarget = { readonly id: string } | { readonly user: string };

/** Questions and orders to every worker. */
export type WorkerQuestion =
  | { readonly type: 'clients'; readonly query: ClientQuery }
  | { readonly type: 'channels'; readonly query: ChannelQuery }
  | { readonly type: 'disconnect'; readonly target: ClientTarget; readonly code: number; readonly reason: string }
  | { readonly type: 'revoke'; readonly target: ClientTarget }
  | { readonly type: 'kick'; readonly target: ClientTarget; readonly channel: string; readonly message: string };

/** A client as an operator sees it. */
export interface ListedClient {
  readonly id: string;
  /** Of the claim `userClaim` of its token; a long one is cut. */
  readonly user?: string;
  readonly address?: string;
  readonly state: string;
  /** Milliseconds since it connected. */
  readonly ageMs: number;
  /** Bytes that wait to be sent to it. */
  readonly queueBytes: number;
  /** Bytes of its connection, upgrade included. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Number of channels to which it is subscribed. */
  readonly subscriptions: number;
  /** Their names, when it was asked for by its id; at most 1000. */
  readonly channels?: readonly string[];
}

/** The answer of one worker: its clients, with how many fit the query; its channels; or how many sockets an order was about. */
export type WorkerAnswer =
  | { readonly clients: readonly ListedClient[]; readonly total: number }
  | { readonly channels: readonly ChannelSubscribers[] }
  | { readonly sockets: number };

/** Compares as the list is ordered. */
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

/** A user in a channel; without an info when there is none. */
export type WireMember = readonly [user: string, info?: unknown];

/** Members of a channel, in the answers to `subscribe` and `members`. */
export interface MembersAck {
  /** The state of the list that this is. */
  readonly version: string;
  /** Number of members. */
  readonly count: number;
  /** A page of them, ordered by name; absent when only the number was wanted, and from `subscribe` when there are more than 1000. */
  readonly list?: readonly WireMember[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Server to client: the members of a channel have changed. No user is in two of the lists. */
export interface PresenceChange {
  /** Channel of the members. */
  readonly channel: string;
  /** The state after the change. */
  readonly version: string;
  /** The state before it: a client whose list has another one asks for the members. */
  readonly previous: string;
  /** Number of members after the change. */
  readonly count: number;
  /** Users that have joined. */
  readonly joins?: readonly WireMember[];
  /** Users that have left. */
  readonly leaves?: readonly string[];
  /** Users whose info has changed. */
  readonly updates?: readonly WireMember[];
}

/** A user in a channel; the info is omitted if there is none. */
export type WireMember = readonly [user: string, info?: unknown];

/** Members of a channel, in the responses to `subscribe` and `members`. */
export interface MembersAck {
  /** Version of the list. */
  readonly version: string;
  /** Number of members. */
  readonly count: number;
  /**
   * A page of members, ordered by name. Absent if only the number was requested, and in a subscribe ack if there are
   * more than 1000.
   */
  readonly list?: readonly WireMember[];
  /** Start of the next page; absent on the last one. */
  readonly next?: string;
}

/** Server to client: the members of a channel have changed. No user is in two of the lists. */
export interface PresenceChange {
  /** Channel of the members. */
  readonly channel: string;
  /** Version after the change. */
  readonly version: string;
  /** Version before the change: a client whose list has another version requests the members again. */
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

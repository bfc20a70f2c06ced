/** A user in a channel, as other users see it. */
export interface Member {
  /** Name of the user. */
  readonly user: string;
  /** Data that other users see in addition to the name. */
  readonly info: unknown;
}

/** Changes between two versions of a channel's members. Each user appears in at most one of the lists. */
export interface MemberChange {
  /** The version after the change. */
  readonly version: string;
  /** The version before the change: that of the previous change or of the opened list. */
  readonly previous: string;
  /** Users that have joined. */
  readonly joins: readonly Member[];
  /** Users that have left, with their last info. */
  readonly leaves: readonly Member[];
  /** Users whose info has changed. */
  readonly updates: readonly Member[];
}

/** The members of a channel as currently known to this process. */
export interface MemberView {
  /** Identifies the current state of the list. */
  readonly version: string;
  /** Number of users. */
  readonly size: number;
  /** All users, in the order in which they reached this process. */
  list(): Member[];
}

/** Receives the members of one channel and every change to them. */
export interface MemberSink {
  /** The member list has been loaded. Called once, before any change. */
  opened(members: MemberView): void;
  /** The list has changed. A reconnect or a store restart that changes nothing is not reported. */
  changed(change: MemberChange): void;
  /** The store refused the request, or the client was closed. No further calls follow. */
  refused(error: Error): void;
}

/** A socket of a user in a channel, held by this process. */
export interface Membership {
  /** Channel of which the user is a member. */
  readonly channel: string;
  /** Name of the user. */
  readonly user: string;
  /** Identifies the socket cluster-wide. */
  readonly socket: string;
  /** Data that other users see. If the user has several sockets, the newest info applies. */
  readonly info?: unknown;
}

/** How the connection of a member ended: `left` is an immediate leave, `lost` starts the grace period of the user. */
export type MembershipEnd = 'left' | 'lost';

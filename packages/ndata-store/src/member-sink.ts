/** A user in a channel, as others see it. */
export interface Member {
  /** Name of the user. */
  readonly user: string;
  /** Data that others see in addition to the name. */
  readonly info: unknown;
}

/** Changes between two versions of a channel's members. No user is in two of the lists. */
export interface MemberChange {
  /** The version after the change. */
  readonly version: string;
  /** The version before it: that of the change before, or of the list as it was opened. */
  readonly previous: string;
  /** Users that have joined. */
  readonly joins: readonly Member[];
  /** Users that have left, with their last info. */
  readonly leaves: readonly Member[];
  /** Users whose info has changed. */
  readonly updates: readonly Member[];
}

/** The members of a channel as far as this process was told. */
export interface MemberView {
  /** Names the present state of the list. */
  readonly version: string;
  /** Number of users. */
  readonly size: number;
  /** All users, in the order in which this process heard of them. */
  list(): Member[];
}

/** Takes the members of one channel, and each change of them. */
export interface MemberSink {
  /** The members are known. Called once; all changes follow it. */
  opened(members: MemberView): void;
  /** The list has changed. An interruption of the link, or a restart of the store, that changes nothing is not reported. */
  changed(change: MemberChange): void;
  /** The store refuses, or the client has ended. This was the last call. */
  refused(error: Error): void;
}

/** A socket of a user, held by this process. */
export interface Membership {
  /** Channel of which the user is a member. */
  readonly channel: string;
  /** Name of the user. */
  readonly user: string;
  /** Identifies the socket in the whole cluster. */
  readonly socket: string;
  /** Data that others see of the user; that of the newest socket counts. */
  readonly info?: unknown;
}

/** How the connection of a member ended: `left` is a leave at once, `lost` begins the grace of the user. */
export type MembershipEnd = 'left' | 'lost';

import type { StoredValue } from '../values.js';

/** A caller that holds sockets of members and may watch the members of channels. */
export interface MemberHolder {
  /** Identifies the process across its links; empty until it is known. */
  origin: string;
  /** Members of a watched channel have changed. `diff` is a `MemberDiff` as JSON. */
  membersChanged(channel: string, diff: string): void;
}

/** One socket of a user in a channel. */
export interface HeldSocket {
  readonly members: ChannelMembers;
  readonly user: string;
  readonly socket: string;
  readonly caller: MemberHolder;
  readonly info: StoredValue;
  /** When the info was given. Other users see the newest info of a user's sockets. */
  readonly at: number;
}

/** A user whose last socket is lost, until the grace period ends. */
export interface Absence {
  readonly members: ChannelMembers;
  readonly user: string;
  readonly entry: MemberEntry;
  /** Identifies the process that held the last socket; empty when unknown. */
  readonly origin: string;
}

/** A user in a channel. */
export interface MemberEntry {
  info: StoredValue;
  graceMs: number;
  readonly sockets: Map<string, HeldSocket>;
  /** Until this time, a process that has lost its link may restore a socket of the user. */
  isSureAt: number;
  /** Set while no socket is connected. */
  absence: Absence | undefined;
}

/** A change of a channel's members in the form sent to watchers. Infos are stored values. */
export interface MemberDiff {
  readonly version: string;
  /** The version before the change. */
  readonly previous: string;
  readonly joins: readonly (readonly [user: string, info: StoredValue])[];
  readonly leaves: readonly (readonly [user: string, info: StoredValue])[];
  readonly updates: readonly (readonly [user: string, info: StoredValue])[];
}

/** The members of one channel, their watchers, and the changes that were not sent to the watchers yet. */
export class ChannelMembers {
  readonly name: string;
  readonly users = new Map<string, MemberEntry>();
  readonly watchers = new Set<MemberHolder>();
  /** Users changed since the last diff, with their info at that time; `undefined` if the user was not a member. */
  readonly #before = new Map<string, StoredValue | undefined>();
  version: string;

  constructor(name: string, version: string) {
    this.name = name;
    this.version = version;
  }

  get isUnused(): boolean {
    return this.users.size === 0 && this.watchers.size === 0;
  }

  /** Call before a user changes. Returns whether it is the first change since `takeDiff`. */
  touch(user: string): boolean {
    const isFirst = this.#before.size === 0;
    if (!this.#before.has(user)) this.#before.set(user, this.users.get(user)?.info);
    return isFirst;
  }

  /**
   * Returns the changes since the last call, or `undefined` if they cancel each other out. Each user is in one of the
   * lists.
   */
  takeDiff(version: () => string): MemberDiff | undefined {
    const joins: [string, StoredValue][] = [];
    const leaves: [string, StoredValue][] = [];
    const updates: [string, StoredValue][] = [];
    for (const [user, before] of this.#before) {
      const info = this.users.get(user)?.info;
      if (info === before) continue;
      if (before === undefined) joins.push([user, info ?? '']);
      else if (info === undefined) leaves.push([user, before]);
      else updates.push([user, info]);
    }
    this.#before.clear();
    if (joins.length + leaves.length + updates.length === 0) return undefined;
    const previous = this.version;
    this.version = version();
    return { version: this.version, previous, joins, leaves, updates };
  }
}

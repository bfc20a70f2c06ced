import type { StoredValue } from '../values.js';

/** Holds sockets of members, and may watch the members of channels. */
export interface MemberHolder {
  /** Identifies the process behind it, whichever link it uses; empty until that is known. */
  origin: string;
  /** Members of a channel that it watches have changed: a `MemberDiff` as JSON. */
  membersChanged(channel: string, diff: string): void;
}

/** One socket of a user in a channel. */
export interface HeldSocket {
  readonly members: ChannelMembers;
  readonly user: string;
  readonly socket: string;
  readonly caller: MemberHolder;
  readonly info: StoredValue;
  /** When the info was given; the newest of a user's sockets is what others see. */
  readonly at: number;
}

/** A user whose last socket is lost, until its grace is over. */
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
  /** Until then a socket of it may come back whose process has lost its link. */
  isSureAt: number;
  /** Set while no socket is connected. */
  absence: Absence | undefined;
}

/** A change of the members of a channel, as watchers are sent it; infos are values at rest. */
export interface MemberDiff {
  readonly version: string;
  /** The version before it. */
  readonly previous: string;
  readonly joins: readonly (readonly [user: string, info: StoredValue])[];
  readonly leaves: readonly (readonly [user: string, info: StoredValue])[];
  readonly updates: readonly (readonly [user: string, info: StoredValue])[];
}

/** The members of one channel, those who watch them, and the changes that watchers have not been told of yet. */
export class ChannelMembers {
  readonly name: string;
  readonly users = new Map<string, MemberEntry>();
  readonly watchers = new Set<MemberHolder>();
  /** Users that have changed since the last diff, as watchers know them: their info, or `undefined` for no member. */
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

  /** The changes since the last call; `undefined` when they cancel each other out. A user is in one of the three lists. */
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

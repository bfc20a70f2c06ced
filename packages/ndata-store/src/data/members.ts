import type { StoredValue } from '../values.js';
import { ChannelMembers } from './channel-members.js';
import type { Absence, HeldSocket, MemberEntry, MemberHolder } from './channel-members.js';
import { Graces, systemClock } from './member-graces.js';
import type { MemberClock } from './member-graces.js';

/** A socket that joins. */
export interface JoiningSocket {
  readonly channel: string;
  readonly user: string;
  readonly socket: string;
  readonly info: StoredValue;
  /** When the info was given, in milliseconds; see `HeldSocket.at`. */
  readonly at: number;
  readonly graceMs: number;
}

/** The members of a channel at one version. */
export interface MembersPage {
  readonly version: string;
  readonly members: readonly (readonly [user: string, info: StoredValue, sockets: number])[];
  /** Milliseconds in which members of the store's previous life may return. Absent when that time is over. */
  readonly settlesInMs?: number;
}

/** Runs work step by step, in slices. */
export interface StepRunner {
  run(work: Iterator<void, void>): void;
}

export interface MembersOptions {
  readonly steps: StepRunner;
  /** Identifies this life of the store. */
  readonly life: string;
  readonly clock?: MemberClock;
}

/** Approximate memory of a member without its user, socket and info, and of a watch without the channel name. */
export const memberBytes = 700;
const memberWatchBytes = 200;

/** Milliseconds for which member changes of a channel are batched. */
export const joinedForMs = 100;
/**
 * Added to the grace period in which members of the store's previous life may return: a process needs some time to
 * reconnect, and its members may be lost just then.
 */
const settlingMs = 500;
/** Milliseconds in which processes reconnect after a link loss or a store restart. */
const renewalMs = 1000;

/**
 * Members of channels: users and their sockets in each channel. A user whose last socket was lost stays a member for
 * the grace period, so that a short interruption is not a leave. There is no timer per member: an open link keeps its
 * members alive.
 */
export class Members {
  readonly #channels = new Map<string, ChannelMembers>();
  /** Sockets and watches by caller, so that the end of a caller does not require a search through all others. */
  readonly #held = new Map<MemberHolder, Set<HeldSocket>>();
  readonly #watching = new Map<MemberHolder, Set<ChannelMembers>>();
  readonly #callers = new Map<string, MemberHolder>();
  /** Absent users by `origin`, the process that held their last socket and has lost its link. */
  readonly #absences = new Map<string, Set<Absence>>();
  readonly #graces: Graces<Absence>;
  readonly #changed = new Set<ChannelMembers>();
  readonly #steps: StepRunner;
  /** Identifies this life of the store. */
  readonly life: string;
  readonly #clock: MemberClock;
  readonly #startedAt: number;
  /** Until this time, a user may have sockets that were not sent to this life of the store yet. */
  #isRenewedAt = -Infinity;
  #cancelTelling: (() => void) | undefined;
  #versions = 0;
  #size = 0;
  #bytes = 0;

  constructor({ steps, life, clock = systemClock }: MembersOptions) {
    this.#steps = steps;
    this.life = life;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#graces = new Graces(clock, (absences) => this.#steps.run(this.#end(absences)));
  }

  /** Number of users in all channels. A user counts once per channel. */
  get size(): number {
    return this.#size;
  }

  /** Approximate memory of members and watches in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a socket of a user, or takes it over from another caller. Ends a running grace period of the user. */
  join({ channel, user, socket, info, at, graceMs }: JoiningSocket, caller: MemberHolder): void {
    const members = this.#of(channel);
    this.#touch(members, user);
    let entry = members.users.get(user);
    if (entry === undefined) {
      entry = { info, graceMs, sockets: new Map(), absence: undefined, isSureAt: -Infinity };
      members.users.set(user, entry);
      this.#size++;
      this.#bytes += memberBytes + user.length;
    }
    const before = entry.sockets.get(socket);
    if (before !== undefined) this.#letGo(before, entry);
    const held: HeldSocket = { members, user, socket, caller, info, at };
    entry.sockets.set(socket, held);
    entry.absence = undefined;
    entry.graceMs = graceMs;
    this.#bytes += socket.length + info.length;
    const own = this.#held.get(caller);
    if (own === undefined) this.#held.set(caller, new Set([held]));
    else own.add(held);
    chooseInfo(entry);
  }

  /**
   * Ends a socket of a user. Without other sockets the user leaves at once, unless processes may still be restoring
   * sockets after a link loss or a restart: then the user leaves at the end of that time.
   */
  leave(channel: string, user: string, socket: string, caller: MemberHolder): void {
    const entry = this.#letGoOf(channel, user, socket, caller);
    if (entry === undefined || entry.sockets.size > 0) return;
    // Round up, so that there are few distinct graces.
    const leftMs = Math.ceil((Math.max(this.#isRenewedAt, entry.isSureAt) - this.#clock.now()) / 100) * 100;
    if (leftMs > 0) this.#beginAbsence(this.#of(channel), user, entry, '', leftMs);
    else this.#remove(this.#of(channel), user, entry);
  }

  /** The connection of a socket is lost. Without other sockets the user leaves when the grace period ends. */
  lose(channel: string, user: string, socket: string, caller: MemberHolder): void {
    const entry = this.#letGoOf(channel, user, socket, caller);
    if (entry !== undefined && entry.sockets.size === 0) this.#beginAbsence(this.#of(channel), user, entry, '');
  }

  /**
   * Assigns the caller to a process that may have had a link before. Members of that link become absent. `life` is the
   * last life of the store that the process knows.
   */
  announce(caller: MemberHolder, origin: string, life?: string): void {
    if (life !== undefined && life !== this.life) this.#isRenewedAt = this.#startedAt + renewalMs;
    const before = this.#callers.get(origin);
    if (before !== undefined && before !== caller) {
      const release = this.release(before);
      while (release.next().done !== true);
    }
    caller.origin = origin;
    this.#callers.set(origin, caller);
  }

  /** The process has sent all of its members: users that it held before and has not sent again leave. */
  renewed(caller: MemberHolder): void {
    const { origin } = caller;
    const absences = this.#absences.get(origin) ?? [];
    this.#absences.delete(origin);
    for (const absence of absences) this.#endOne(absence);
  }

  has(channel: string, user: string): boolean {
    return this.#channels.get(channel)?.users.has(user) === true;
  }

  count(channel: string): number {
    return this.#channels.get(channel)?.users.size ?? 0;
  }

  /**
   * `graceMs` is the channel's grace period, which determines how long members of the previous life may take to return.
   */
  page(channel: string, graceMs: number): MembersPage {
    const members = this.#channels.get(channel);
    if (members === undefined) return { version: this.#version(), members: [], ...this.#settling(graceMs) };
    this.#tell(members);
    const list = [...members.users].map(([user, { info, sockets }]) => [user, info, sockets.size] as const);
    return { version: members.version, members: list, ...this.#settling(graceMs) };
  }

  watch(channel: string, caller: MemberHolder): void {
    const members = this.#of(channel);
    this.#tell(members);
    if (members.watchers.has(caller)) return;
    members.watchers.add(caller);
    this.#bytes += memberWatchBytes + channel.length;
    const watching = this.#watching.get(caller);
    if (watching === undefined) this.#watching.set(caller, new Set([members]));
    else watching.add(members);
  }

  unwatch(channel: string, caller: MemberHolder): void {
    const members = this.#channels.get(channel);
    if (members !== undefined) this.#unwatch(members, caller);
  }

  /**
   * Releases an ended caller, one socket or watch per step. Users without a socket of another caller leave after their
   * grace period.
   */
  *release(caller: MemberHolder): Generator<void, void> {
    const { origin } = caller;
    if (this.#callers.get(origin) === caller) this.#callers.delete(origin);
    for (const members of this.#watching.get(caller) ?? []) {
      this.#unwatch(members, caller);
      yield;
    }
    for (const held of this.#held.get(caller) ?? []) {
      const { members, user } = held;
      const entry = members.users.get(user);
      if (entry !== undefined) {
        this.#touch(members, user);
        this.#letGo(held, entry);
        entry.isSureAt = this.#clock.now() + renewalMs;
        if (entry.sockets.size === 0) this.#beginAbsence(members, user, entry, origin);
        else chooseInfo(entry);
      }
      yield;
    }
    this.#held.delete(caller);
  }

  close(): void {
    this.#graces.stop();
    this.#cancelTelling?.();
    this.#cancelTelling = undefined;
    for (const map of [this.#channels, this.#held, this.#watching, this.#callers, this.#absences]) map.clear();
    this.#changed.clear();
    this.#size = 0;
    this.#bytes = 0;
  }

  #of(channel: string): ChannelMembers {
    let members = this.#channels.get(channel);
    if (members === undefined) {
      members = new ChannelMembers(channel, this.#version());
      this.#channels.set(channel, members);
    }
    return members;
  }

  #version(): string {
    return `${this.life}:${this.#versions}`;
  }

  #settling(graceMs: number): Pick<MembersPage, 'settlesInMs'> {
    const leftMs = this.#startedAt + graceMs + settlingMs - this.#clock.now();
    return leftMs > 0 ? { settlesInMs: Math.ceil(leftMs) } : {};
  }

  #letGoOf(channel: string, user: string, socket: string, caller: MemberHolder): MemberEntry | undefined {
    const members = this.#channels.get(channel);
    const entry = members?.users.get(user);
    const held = entry?.sockets.get(socket);
    // Another process may have taken the socket over.
    if (members === undefined || entry === undefined || held?.caller !== caller) return undefined;
    this.#touch(members, user);
    this.#letGo(held, entry);
    chooseInfo(entry);
    return entry;
  }

  #letGo(held: HeldSocket, entry: MemberEntry): void {
    entry.sockets.delete(held.socket);
    this.#bytes -= held.socket.length + held.info.length;
    const own = this.#held.get(held.caller);
    own?.delete(held);
    if (own?.size === 0) this.#held.delete(held.caller);
  }

  #beginAbsence(
    members: ChannelMembers,
    user: string,
    entry: MemberEntry,
    origin: string,
    graceMs: number = entry.graceMs,
  ): void {
    if (graceMs <= 0) {
      this.#remove(members, user, entry);
      return;
    }
    const absence: Absence = { members, user, entry, origin };
    entry.absence = absence;
    this.#graces.add(absence, graceMs);
    if (origin === '') return;
    const absences = this.#absences.get(origin);
    if (absences === undefined) this.#absences.set(origin, new Set([absence]));
    else absences.add(absence);
  }

  *#end(ended: readonly Absence[]): Generator<void, void> {
    for (const absence of ended) {
      const absences = this.#absences.get(absence.origin);
      absences?.delete(absence);
      if (absences?.size === 0) this.#absences.delete(absence.origin);
      this.#endOne(absence);
      yield;
    }
  }

  #endOne(absence: Absence): void {
    const { members, user, entry } = absence;
    if (entry.absence === absence) this.#remove(members, user, entry);
  }

  #remove(members: ChannelMembers, user: string, entry: MemberEntry): void {
    entry.absence = undefined;
    if (members.users.get(user) !== entry) return;
    this.#touch(members, user);
    members.users.delete(user);
    this.#size--;
    this.#bytes -= memberBytes + user.length;
  }

  #unwatch(members: ChannelMembers, caller: MemberHolder): void {
    if (!members.watchers.delete(caller)) return;
    this.#bytes -= memberWatchBytes + members.name.length;
    const watching = this.#watching.get(caller);
    watching?.delete(members);
    if (watching?.size === 0) this.#watching.delete(caller);
    this.#forget(members);
  }

  #touch(members: ChannelMembers, user: string): void {
    if (!members.touch(user)) return;
    this.#changed.add(members);
    this.#cancelTelling ??= this.#clock.after(joinedForMs, () => {
      this.#cancelTelling = undefined;
      for (const each of [...this.#changed]) this.#tell(each);
    });
  }

  /** Sends the batched changes to all watchers; the diff is encoded once. */
  #tell(members: ChannelMembers): void {
    if (!this.#changed.delete(members)) return;
    const diff = members.takeDiff(() => {
      this.#versions++;
      return this.#version();
    });
    if (diff !== undefined && members.watchers.size > 0) {
      const text = JSON.stringify(diff);
      for (const watcher of members.watchers) watcher.membersChanged(members.name, text);
    }
    this.#forget(members);
  }

  #forget(members: ChannelMembers): void {
    if (members.isUnused && !this.#changed.has(members) && this.#channels.get(members.name) === members) {
      this.#channels.delete(members.name);
    }
  }
}

/** Selects the newest info of the user's sockets. Without sockets the last info stays. */
function chooseInfo(entry: MemberEntry): void {
  let newest: HeldSocket | undefined;
  for (const held of entry.sockets.values()) {
    if (newest === undefined || held.at > newest.at || (held.at === newest.at && held.info > newest.info))
      newest = held;
  }
  if (newest !== undefined) entry.info = newest.info;
}

import type { StoredValue } from '../values.js';

export type MemberEvent = 'join' | 'leave';

/** Holds members, and may watch those of channels. */
export interface MemberHolder {
  /** A member joined or left a channel whose members it watches. */
  memberChanged(channel: string, event: MemberEvent, member: string, info: StoredValue): void;
}

interface Member {
  info: StoredValue;
  graceMs: number;
  /** The callers it joined from; it leaves with the last. */
  readonly callers: Set<MemberHolder>;
  /** Runs while nobody holds it. */
  leaveTimer: NodeJS.Timeout | undefined;
}

/** Who is in a channel. A member whose link is lost stays for its grace, so that a short absence is none. */
export class Members {
  readonly #channels = new Map<string, Map<string, Member>>();
  readonly #watchers = new Map<string, Set<MemberHolder>>();
  readonly #held = new Map<MemberHolder, Set<string>>();

  /** Members of all channels. */
  get size(): number {
    let size = 0;
    for (const members of this.#channels.values()) size += members.size;
    return size;
  }

  join(channel: string, id: string, info: StoredValue, graceMs: number, caller: MemberHolder): void {
    let members = this.#channels.get(channel);
    if (members === undefined) this.#channels.set(channel, (members = new Map<string, Member>()));
    let held = this.#held.get(caller);
    if (held === undefined) this.#held.set(caller, (held = new Set()));
    held.add(channel);
    const member = members.get(id);
    if (member === undefined) {
      members.set(id, { info, graceMs, callers: new Set([caller]), leaveTimer: undefined });
      this.#tell(channel, 'join', id, info);
      return;
    }
    clearTimeout(member.leaveTimer);
    member.leaveTimer = undefined;
    member.callers.add(caller);
    member.info = info;
    member.graceMs = graceMs;
  }

  /** At once, unless it is held from elsewhere too. */
  leave(channel: string, id: string, caller: MemberHolder): void {
    const member = this.#channels.get(channel)?.get(id);
    if (member?.callers.delete(caller) !== true || member.callers.size > 0) return;
    this.#remove(channel, id, member);
  }

  list(channel: string): [id: string, info: StoredValue][] {
    return [...(this.#channels.get(channel) ?? [])].map(([id, member]) => [id, member.info]);
  }

  watch(channel: string, caller: MemberHolder): void {
    const callers = this.#watchers.get(channel);
    if (callers === undefined) this.#watchers.set(channel, new Set([caller]));
    else callers.add(caller);
  }

  unwatch(channel: string, caller: MemberHolder): void {
    const callers = this.#watchers.get(channel);
    if (callers?.delete(caller) === true && callers.size === 0) this.#watchers.delete(channel);
  }

  /** A caller has ended: its members leave after their grace. */
  release(caller: MemberHolder): void {
    for (const channel of [...this.#watchers.keys()]) this.unwatch(channel, caller);
    for (const channel of this.#held.get(caller) ?? []) {
      for (const [id, member] of this.#channels.get(channel) ?? []) {
        if (!member.callers.delete(caller) || member.callers.size > 0) continue;
        if (member.graceMs <= 0) this.#remove(channel, id, member);
        else member.leaveTimer = setTimeout(() => this.#remove(channel, id, member), member.graceMs);
      }
    }
    this.#held.delete(caller);
  }

  close(): void {
    for (const members of this.#channels.values()) {
      for (const member of members.values()) clearTimeout(member.leaveTimer);
    }
    this.#channels.clear();
    this.#watchers.clear();
    this.#held.clear();
  }

  #remove(channel: string, id: string, member: Member): void {
    clearTimeout(member.leaveTimer);
    const members = this.#channels.get(channel);
    if (members?.get(id) !== member) return;
    members.delete(id);
    if (members.size === 0) this.#channels.delete(channel);
    this.#tell(channel, 'leave', id, member.info);
  }

  #tell(channel: string, event: MemberEvent, id: string, info: StoredValue): void {
    for (const caller of this.#watchers.get(channel) ?? []) caller.memberChanged(channel, event, id, info);
  }
}

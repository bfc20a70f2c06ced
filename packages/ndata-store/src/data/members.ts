import type { StoredValue } from '../values.js';
import type { MemberEvent, Origin } from '../core/caller.js';

interface Member {
  info: StoredValue;
  graceMs: number;
  /** The origins it joined from; it leaves with the last. */
  readonly origins: Set<Origin>;
  /** Runs while nobody holds it. */
  leaveTimer: NodeJS.Timeout | undefined;
}

/** Who is in a channel. A member whose link is lost stays for its grace, so that a short absence is none. */
export class Members {
  readonly #channels = new Map<string, Map<string, Member>>();
  readonly #watchers = new Map<string, Set<Origin>>();
  readonly #held = new Map<Origin, Set<string>>();

  /** Members of all channels. */
  get size(): number {
    let size = 0;
    for (const members of this.#channels.values()) size += members.size;
    return size;
  }

  join(channel: string, id: string, info: StoredValue, graceMs: number, origin: Origin): void {
    let members = this.#channels.get(channel);
    if (members === undefined) this.#channels.set(channel, (members = new Map<string, Member>()));
    let held = this.#held.get(origin);
    if (held === undefined) this.#held.set(origin, (held = new Set()));
    held.add(channel);
    const member = members.get(id);
    if (member === undefined) {
      members.set(id, { info, graceMs, origins: new Set([origin]), leaveTimer: undefined });
      this.#tell(channel, 'join', id, info);
      return;
    }
    clearTimeout(member.leaveTimer);
    member.leaveTimer = undefined;
    member.origins.add(origin);
    member.info = info;
    member.graceMs = graceMs;
  }

  /** At once, unless it is held from elsewhere too. */
  leave(channel: string, id: string, origin: Origin): void {
    const member = this.#channels.get(channel)?.get(id);
    if (member?.origins.delete(origin) !== true || member.origins.size > 0) return;
    this.#remove(channel, id, member);
  }

  list(channel: string): [id: string, info: StoredValue][] {
    return [...(this.#channels.get(channel) ?? [])].map(([id, member]) => [id, member.info]);
  }

  watch(channel: string, origin: Origin): void {
    const origins = this.#watchers.get(channel);
    if (origins === undefined) this.#watchers.set(channel, new Set([origin]));
    else origins.add(origin);
  }

  unwatch(channel: string, origin: Origin): void {
    const origins = this.#watchers.get(channel);
    if (origins?.delete(origin) === true && origins.size === 0) this.#watchers.delete(channel);
  }

  /** An origin has ended: its members leave after their grace. */
  release(origin: Origin): void {
    for (const channel of [...this.#watchers.keys()]) this.unwatch(channel, origin);
    for (const channel of this.#held.get(origin) ?? []) {
      for (const [id, member] of this.#channels.get(channel) ?? []) {
        if (!member.origins.delete(origin) || member.origins.size > 0) continue;
        if (member.graceMs <= 0) this.#remove(channel, id, member);
        else member.leaveTimer = setTimeout(() => this.#remove(channel, id, member), member.graceMs);
      }
    }
    this.#held.delete(origin);
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
    for (const origin of this.#watchers.get(channel) ?? []) origin.memberChanged(channel, event, id, info);
  }
}

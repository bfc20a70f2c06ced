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
  /** Set while no link holds the member, which leaves when this ends. */
  absence: Absence | undefined;
}

/** The members that one caller left behind, and that have the same grace. */
interface Absence {
  readonly graceMs: number;
  readonly members: [channel: string, id: string, member: Member][];
  timer: NodeJS.Timeout | undefined;
}

/** Does work one step after the other, in slices. */
export interface StepRunner {
  run(work: Iterator<void, void>): void;
}

/** Memory of a member besides its id and info, and of a watch of members besides the channel's name. */
export const memberBytes = 400;
const memberWatchBytes = 200;

/**
 * Members of channels. A member whose link is lost stays for its grace period, so that a short interruption is not a
 * leave.
 */
export class Members {
  readonly #channels = new Map<string, Map<string, Member>>();
  readonly #watchers = new Map<string, Set<MemberHolder>>();
  /** Members and watches by caller, so that the end of a caller does not require a search through those of others. */
  readonly #held = new Map<MemberHolder, Map<string, Set<string>>>();
  readonly #watching = new Map<MemberHolder, Set<string>>();
  readonly #absences = new Set<Absence>();
  readonly #steps: StepRunner;
  #size = 0;
  #bytes = 0;

  constructor(steps: StepRunner) {
    this.#steps = steps;
  }

  /** Members of all channels. */
  get size(): number {
    return this.#size;
  }

  /** About how many bytes members and watches of members take. */
  get bytes(): number {
    return this.#bytes;
  }

  join(channel: string, id: string, info: StoredValue, graceMs: number, caller: MemberHolder): void {
    let members = this.#channels.get(channel);
    if (members === undefined) this.#channels.set(channel, (members = new Map<string, Member>()));
    this.#hold(channel, id, caller);
    const member = members.get(id);
    if (member === undefined) {
      members.set(id, { info, graceMs, callers: new Set([caller]), absence: undefined });
      this.#size++;
      this.#bytes += memberBytes + id.length + info.length;
      this.#tell(channel, 'join', id, info);
      return;
    }
    this.#bytes += info.length - member.info.length;
    member.absence = undefined;
    member.callers.add(caller);
    member.info = info;
    member.graceMs = graceMs;
  }

  /** At once, unless it is held from elsewhere too. */
  leave(channel: string, id: string, caller: MemberHolder): void {
    this.#letGo(channel, id, caller);
    const member = this.#channels.get(channel)?.get(id);
    if (member?.callers.delete(caller) !== true || member.callers.size > 0) return;
    this.#remove(channel, id, member);
  }

  has(channel: string, id: string): boolean {
    return this.#channels.get(channel)?.has(id) === true;
  }

  list(channel: string): [id: string, info: StoredValue][] {
    return [...(this.#channels.get(channel) ?? [])].map(([id, member]) => [id, member.info]);
  }

  watch(channel: string, caller: MemberHolder): void {
    let watching = this.#watching.get(caller);
    if (watching === undefined) this.#watching.set(caller, (watching = new Set()));
    if (watching.has(channel)) return;
    watching.add(channel);
    this.#bytes += memberWatchBytes + channel.length;
    const callers = this.#watchers.get(channel);
    if (callers === undefined) this.#watchers.set(channel, new Set([caller]));
    else callers.add(caller);
  }

  unwatch(channel: string, caller: MemberHolder): void {
    const callers = this.#watchers.get(channel);
    if (callers?.delete(caller) !== true) return;
    if (callers.size === 0) this.#watchers.delete(channel);
    this.#bytes -= memberWatchBytes + channel.length;
    const watching = this.#watching.get(caller);
    if (watching?.delete(channel) === true && watching.size === 0) this.#watching.delete(caller);
  }

  /** A caller has ended: its members leave after their grace. Lets go of one at each step. */
  *release(caller: MemberHolder): Generator<void, void> {
    for (const channel of this.#watching.get(caller) ?? []) {
      this.unwatch(channel, caller);
      yield;
    }
    const absences = new Map<number, Absence>();
    for (const [channel, ids] of this.#held.get(caller) ?? []) {
      for (const id of ids) {
        this.#release(channel, id, caller, absences);
        yield;
      }
    }
    this.#held.delete(caller);
    for (const absence of absences.values()) this.#begin(absence);
  }

  close(): void {
    for (const { timer } of this.#absences) clearTimeout(timer);
    this.#absences.clear();
    this.#channels.clear();
    this.#watchers.clear();
    this.#held.clear();
    this.#watching.clear();
    this.#size = 0;
    this.#bytes = 0;
  }

  #hold(channel: string, id: string, caller: MemberHolder): void {
    let held = this.#held.get(caller);
    if (held === undefined) this.#held.set(caller, (held = new Map<string, Set<string>>()));
    const ids = held.get(channel);
    if (ids === undefined) held.set(channel, new Set([id]));
    else ids.add(id);
  }

  #letGo(channel: string, id: string, caller: MemberHolder): void {
    const held = this.#held.get(caller);
    const ids = held?.get(channel);
    if (ids?.delete(id) !== true || ids.size > 0) return;
    held?.delete(channel);
    if (held?.size === 0) this.#held.delete(caller);
  }

  #release(channel: string, id: string, caller: MemberHolder, absences: Map<number, Absence>): void {
    const member = this.#channels.get(channel)?.get(id);
    if (member?.callers.delete(caller) !== true || member.callers.size > 0) return;
    if (member.graceMs <= 0) {
      this.#remove(channel, id, member);
      return;
    }
    let absence = absences.get(member.graceMs);
    if (absence === undefined) {
      absence = { graceMs: member.graceMs, members: [], timer: undefined };
      absences.set(member.graceMs, absence);
    }
    absence.members.push([channel, id, member]);
    member.absence = absence;
  }

  #begin(absence: Absence): void {
    this.#absences.add(absence);
    absence.timer = setTimeout(() => {
      this.#absences.delete(absence);
      this.#steps.run(this.#end(absence));
    }, absence.graceMs);
  }

  *#end(absence: Absence): Generator<void, void> {
    for (const [channel, id, member] of absence.members) {
      if (member.absence === absence) this.#remove(channel, id, member);
      yield;
    }
  }

  #remove(channel: string, id: string, member: Member): void {
    member.absence = undefined;
    const members = this.#channels.get(channel);
    if (members?.get(id) !== member) return;
    members.delete(id);
    this.#size--;
    this.#bytes -= memberBytes + id.length + member.info.length;
    if (members.size === 0) this.#channels.delete(channel);
    this.#tell(channel, 'leave', id, member.info);
  }

  #tell(channel: string, event: MemberEvent, id: string, info: StoredValue): void {
    for (const caller of this.#watchers.get(channel) ?? []) caller.memberChanged(channel, event, id, info);
  }
}

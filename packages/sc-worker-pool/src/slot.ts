import type { CrashReport, ExitReport } from './exit.js';
import { Member } from './member.js';
import type { MemberOwner } from './member.js';
import type { ResolvedPoolOptions } from './options.js';
import { createRespawnPolicy } from './respawn.js';
import type { CrashingSlots, RespawnPolicy } from './respawn.js';

/** The interface through which a slot calls its pool. */
export interface SlotOwner<In, Out> extends MemberOwner<In, Out> {
  /** The slot stays empty until a reload. */
  onGiveUp(report: ExitReport): void;
  /** Called when a successor is ready. The old member is stopped when the promise settles. */
  beforeRetire(member: Member<In, Out>, successor: Member<In, Out>): Promise<void>;
}

/** Keeps one member running: replaces it after a crash, until the slot is given up or closed. */
export class Slot<In, Out> {
  #current: Member<In, Out> | undefined;
  #successor: Member<In, Out> | undefined;
  readonly #leaving = new Set<Member<In, Out>>();
  #generation = 0;
  #restarts = 0;
  readonly #policy: RespawnPolicy;
  #respawn: NodeJS.Timeout | undefined;
  /** Set once the first member was ready: a failed first start is not retried. */
  #isKept = false;
  #isClosed = false;
  #close = (): void => undefined;
  readonly #closed = new Promise<void>((resolve) => (this.#close = resolve));
  /** Set after the slot was given up: only a reload starts a member again. */
  #isGivenUp = false;
  readonly #waiters = new Set<{ member: Member<In, Out>; settle: (report: ExitReport | undefined) => void }>();

  constructor(
    readonly id: number,
    readonly options: ResolvedPoolOptions<unknown>,
    readonly owner: SlotOwner<In, Out>,
    crashing: CrashingSlots,
  ) {
    this.#policy = createRespawnPolicy(options.backoff, options.crashLoop, options.random, crashing);
  }

  /** Whether a replacement is in progress: a successor is starting, or an old member is leaving. */
  get isReplacing(): boolean {
    return this.#successor !== undefined || this.#leaving.size > 0;
  }

  /** All members of the slot that have not exited. The serving member is last. */
  get members(): readonly Member<In, Out>[] {
    const all = [...this.#leaving, this.#successor, this.#current];
    return all.filter((member) => member !== undefined && member.state !== 'exited') as Member<In, Out>[];
  }

  /** The serving member, if any. */
  get current(): Member<In, Out> | undefined {
    return this.#current?.state === 'exited' ? undefined : this.#current;
  }

  /**
   * Starts the first member. Resolves with its crash report if it crashes before it is ready, otherwise with
   * `undefined`.
   */
  async open(): Promise<CrashReport | undefined> {
    this.#current = this.#launch();
    const report = await this.#outcome(this.#current);
    this.#isKept = report === undefined;
    return report?.kind === 'crash' ? report : undefined;
  }

  /**
   * Starts a new member, and stops the old one once the new one is ready and `beforeRetire` has settled. Resolves when
   * the old member has exited. If the new member does not become ready, the old one stays, and the promise resolves
   * with the exit report of the new one. Revives a slot that was given up. Must not be called concurrently, or after
   * `close`.
   */
  async replace(): Promise<ExitReport | undefined> {
    clearTimeout(this.#respawn);
    const successor = this.#launch();
    this.#successor = successor;
    const report = await this.#outcome(successor);
    this.#successor = undefined;
    if (report !== undefined) {
      if (this.current === undefined && report.kind === 'crash') this.#onCrash(report);
      return report;
    }
    const old = this.current;
    this.#current = successor;
    this.#isGivenUp = false;
    this.#policy.reset();
    if (old === undefined) return undefined;
    this.#leaving.add(old);
    await Promise.race([this.owner.beforeRetire(old, successor), this.#whenStopping(old)]);
    await this.#retire(old);
    return undefined;
  }

  /** Stops all members, and starts no more. Resolves when every member has exited. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#close();
    clearTimeout(this.#respawn);
    await Promise.all(this.members.map((member) => this.#retire(member)));
  }

  /** Settles when the member has exited, or the slot is closed. */
  #whenStopping(member: Member<In, Out>): Promise<void> {
    const ended = this.#outcome(member).then(() => undefined);
    return Promise.race([ended, this.#closed]);
  }

  async #retire(member: Member<In, Out>): Promise<void> {
    if (member.state === 'exited') return;
    this.#leaving.add(member);
    const ended = new Promise<void>((resolve) => {
      this.#waiters.add({ member, settle: (report) => (report === undefined ? undefined : resolve()) });
    });
    member.stop();
    await ended;
  }

  /** Resolves with `undefined` when the member becomes ready, or with its report if it exits. */
  #outcome(member: Member<In, Out>): Promise<ExitReport | undefined> {
    return new Promise((resolve) => this.#waiters.add({ member, settle: resolve }));
  }

  #settle(member: Member<In, Out>, report: ExitReport | undefined): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.member !== member) continue;
      waiter.settle(report);
      if (report !== undefined) this.#waiters.delete(waiter);
    }
  }

  #launch(): Member<In, Out> {
    const { role } = this.options;
    const identity = { role, id: this.id, generation: this.#generation++ };
    const member = new Member<In, Out>(identity, this.#restarts, this.options, {
      ...this.owner,
      onReady: (ready) => {
        this.#settle(ready, undefined);
        this.owner.onReady(ready);
      },
      onExit: (ended, report) => this.#onExit(ended, report),
    });
    member.start();
    return member;
  }

  #onExit(member: Member<In, Out>, report: ExitReport): void {
    const served = member === this.#current;
    this.#leaving.delete(member);
    if (served) this.#current = undefined;
    this.owner.onExit(member, report);
    this.#settle(member, report);
    if (!served || !this.#isKept) return;
    if (report.kind === 'crash') this.#onCrash(report);
    else if (report.reason === 'drained') this.#scheduleRespawn(report, () => this.#policy.afterDrain());
  }

  #onCrash(report: CrashReport): void {
    this.#scheduleRespawn(report, () =>
      report.reason === 'spawnFailed'
        ? this.#policy.afterSpawnFailure()
        : this.#policy.afterCrash({ at: this.options.now(), servedMs: report.servedMs }),
    );
  }

  #scheduleRespawn(report: ExitReport, waitAfter: () => number | 'giveUp'): void {
    // During a reload the successor is already starting; if it fails, its report schedules the respawn.
    if (this.#isClosed || this.#isGivenUp || this.#successor !== undefined) return;
    const waitMs = this.options.respawn ? waitAfter() : 'giveUp';
    if (waitMs === 'giveUp') {
      this.#isGivenUp = true;
      this.owner.onGiveUp(report);
      return;
    }
    clearTimeout(this.#respawn);
    this.#respawn = setTimeout(() => {
      this.#restarts++;
      this.#current = this.#launch();
    }, waitMs);
  }
}

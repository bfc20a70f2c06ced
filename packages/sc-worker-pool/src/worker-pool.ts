import type { SendHandle } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { InvalidActionError, ResourceLimitError, TimeoutError } from 'sc-protocol';
import type { ProcessExitError } from 'sc-protocol';
import { giveUpError, startError } from './exit.js';
import type { CrashReport, ExitReport } from './exit.js';
import { watchHeartbeats } from './heartbeat.js';
import type { Heartbeat } from './heartbeat.js';
import type { Member, PoolMember } from './member.js';
import { resolvePoolOptions } from './options.js';
import type { ResolvedPoolOptions, WorkerPoolOptions } from './options.js';
import { createRespawnPolicy } from './respawn.js';
import type { CrashingSlots, RespawnPolicy } from './respawn.js';
import { Slot, type SlotOwner } from './slot.js';

/** Events of a pool. */
export interface PoolEvents<In, Out> {
  /** A member is ready: at the start, after a respawn, or in a reload before the old one drains. */
  ready: [member: PoolMember<In>];
  /** A member is stopping: send it no new work. */
  draining: [member: PoolMember<In>];
  /** A member has exited. Its last messages and lines were delivered before. */
  exit: [report: ExitReport, member: PoolMember<In>];
  /** A member sent a message. */
  message: [member: PoolMember<In>, message: Out, handle: SendHandle | undefined];
  /** A member wrote a line, or several lines in one write. */
  output: [member: PoolMember<In>, stream: 'stdout' | 'stderr', text: string];
  /** A member is unhealthy: its event loop was blocked, it uses too much memory, or it is unresponsive. */
  warning: [error: TimeoutError | ResourceLimitError, member: PoolMember<In>];
  /** A slot crashed too often in a row, or respawning is turned off. It stays empty until a reload. */
  giveUp: [error: ProcessExitError, report: ExitReport];
}

/** Runs during a replacement, when the new member is ready and the old one still serves. */
export type BeforeRetire<In> = (member: PoolMember<In>, successor: PoolMember<In>) => Promise<void>;

type Phase = 'idle' | 'starting' | 'started' | 'stopped';

/**
 * Keeps a fixed number of child processes running, one per slot. A crashed member is replaced after a growing delay; a
 * slot whose members keep crashing is given up.
 */
export class WorkerPool<Init = unknown, In = unknown, Out = unknown> {
  readonly #events = new EventEmitter<PoolEvents<In, Out>>();
  readonly #options: ResolvedPoolOptions<Init>;
  readonly #slots: readonly Slot<In, Out>[];
  readonly #crashing: CrashingSlots = new Map();
  #phase: Phase = 'idle';
  #stopped: Promise<void> | undefined;
  /** Settles when the last requested reload is complete. Never rejects. */
  #reloads: Promise<unknown> = Promise.resolve();
  #queuedReload: Promise<void> | undefined;
  #endWatch: (() => void) | undefined;
  /** Checks that run whenever a member has finished its work. */
  readonly #finishChecks = new Set<() => void>();
  #ignoresTermination = false;
  #isOutputPaused = false;
  #droppedWrites = 0;
  readonly #reportedDrops = new WeakMap<Member<In, Out>, number>();
  #beforeRetire: BeforeRetire<In> | undefined;

  /** Creates a pool. Throws `InvalidOptionsError`. Call `start()` to start its members. */
  constructor(options: WorkerPoolOptions<Init>) {
    this.#options = resolvePoolOptions(options);
    const resolved = this.#options as ResolvedPoolOptions<unknown>;
    this.#slots = Array.from({ length: resolved.count }, (_, id) => this.#createSlot(id, resolved));
  }

  /** All members that have not exited. A slot has two during a reload, and none while it waits to respawn. */
  get members(): readonly PoolMember<In>[] {
    return this.#slots.flatMap((slot) => slot.members);
  }

  /** The serving member of a slot, if any. */
  member(id: number): PoolMember<In> | undefined {
    return this.#slots[id]?.current;
  }

  /**
   * Starts every member. Resolves when all are ready. If one fails, all are stopped, and the promise rejects with a
   * StartError whose `cause` is the error reported by the child, or an error that describes its exit.
   */
  async start(): Promise<void> {
    if (this.#phase !== 'idle') throw new InvalidActionError('A pool can be started only once');
    this.#phase = 'starting';
    this.#endWatch = this.#watchHeartbeats();
    let failure: CrashReport | undefined;
    await Promise.all(
      this.#slots.map(async (slot) => {
        const report = await slot.open();
        if (report === undefined || failure !== undefined) return;
        failure = report;
        await this.stop();
      }),
    );
    if (failure !== undefined) throw startError('start', failure);
    if (this.#stopped !== undefined) throw new InvalidActionError('The pool was stopped before it was ready');
    this.#phase = 'started';
  }

  /**
   * Replaces every member, slot by slot: the new member becomes ready before the old one drains, and the next slot
   * waits until the old member has exited. Rejects with a StartError if a new member does not become ready; its slot
   * and the slots after it then keep their members. A call during a reload queues one more reload.
   */
  reload(): Promise<void> {
    if (this.#phase !== 'started') return Promise.reject(new InvalidActionError('Only a started pool can be reloaded'));
    if (this.#queuedReload === undefined) {
      const reload = this.#reloads.then(() => {
        this.#queuedReload = undefined;
        return this.#replaceAll();
      });
      this.#queuedReload = reload;
      this.#reloads = reload.catch(() => undefined);
    }
    return this.#queuedReload;
  }

  /**
   * Makes every replacement wait for this function after the new member is ready and before the old one drains. The
   * wait ends early if the old member exits or the pool stops. A rejection is ignored, so handle errors in the
   * function.
   */
  beforeRetire(hook: BeforeRetire<In>): void {
    this.#beforeRetire = hook;
  }

  /**
   * Makes members ignore SIGTERM from now on, because the caller is about to stop them gracefully. A service manager
   * or a terminal sends the signal to all processes of a group at once.
   */
  ignoreTermination(): void {
    this.#ignoresTermination = true;
  }

  /**
   * Stops reading the output of all members until {@link resumeOutput}. Meanwhile members follow `outputPolicy`, and a
   * member that blocks on its output is not considered dead.
   */
  pauseOutput(): void {
    if (this.#isOutputPaused || this.#phase === 'stopped') return;
    this.#isOutputPaused = true;
    for (const slot of this.#slots) for (const member of slot.members) member.pauseOutput();
  }

  /** Continues to read the output of all members. */
  resumeOutput(): void {
    if (!this.#isOutputPaused) return;
    this.#isOutputPaused = false;
    for (const slot of this.#slots) for (const member of slot.members) member.resumeOutput();
  }

  /** Number of writes that all members have dropped because their output was not read, as of their last heartbeats. */
  get droppedWrites(): number {
    return this.#droppedWrites;
  }

  /**
   * Drains every member, followed by SIGTERM and SIGKILL after the deadlines. Resolves when all have exited.
   * Idempotent.
   */
  stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#endWatch?.();
    // A member that is blocked in a write could not stop.
    this.resumeOutput();
    this.#stopped ??= Promise.all(this.#slots.map((slot) => slot.close())).then(() => undefined);
    return this.#stopped;
  }

  /**
   * Resolves when every member has finished its work after `stop()`: its stop handlers have settled, and its last
   * messages were received. The processes take a moment longer to exit, which `stop()` waits for.
   */
  whenFinished(): Promise<void> {
    const isFinished = (): boolean => this.#slots.every((slot) => slot.members.every((member) => member.isFinished));
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isFinished()) return;
        this.#finishChecks.delete(check);
        resolve();
      };
      this.#finishChecks.add(check);
      check();
    });
  }

  /** Sends a signal to the serving member of a slot. Returns `false` if there is none. */
  kill(id: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return this.#slots[id]?.current?.kill(signal) ?? false;
  }

  /** Adds a listener. */
  on<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.on(event, listener as never);
    return this;
  }

  /** Adds a listener that is removed after its first call. */
  once<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.once(event, listener as never);
    return this;
  }

  /** Removes a listener. */
  off<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.off(event, listener as never);
    return this;
  }

  #emit<Name extends keyof PoolEvents<In, Out>>(event: Name, ...details: PoolEvents<In, Out>[Name]): void {
    // TypeScript cannot relate a name to its details while `In` and `Out` are generic.
    this.#events.emit(event, ...(details as never));
  }

  #checkFinished(): void {
    for (const check of this.#finishChecks) check();
  }

  async #replaceAll(): Promise<void> {
    for (const slot of this.#slots) {
      if (this.#stopped !== undefined) throw new InvalidActionError('The pool was stopped during the reload');
      const report = await slot.replace();
      if (report?.kind === 'crash') throw startError('reload', report);
    }
  }

  #watchHeartbeats(): (() => void) | undefined {
    const { heartbeatIntervalMs, heartbeatTimeoutMs, now } = this.#options;
    if (heartbeatTimeoutMs === 0) return undefined;
    return watchHeartbeats({
      intervalMs: heartbeatIntervalMs,
      timeoutMs: heartbeatTimeoutMs,
      now,
      // A member whose output is not read may be blocked in a write.
      members: () =>
        this.#isOutputPaused && this.#options.outputPolicy === 'block'
          ? []
          : this.#slots.flatMap((slot) => slot.members),
      onSilent: (member, silentMs) => {
        const { role, id } = member;
        this.#emit('warning', new TimeoutError(`${role} ${id} has been silent for ${silentMs} ms`), member);
        member.giveUpOn('heartbeat');
      },
    });
  }

  #onHeartbeat(slot: Slot<In, Out>, growth: MemoryGuard, member: Member<In, Out>, heartbeat: Heartbeat): void {
    this.#droppedWrites += heartbeat.droppedWrites - (this.#reportedDrops.get(member) ?? 0);
    this.#reportedDrops.set(member, heartbeat.droppedWrites);
    const { lagMs, rssBytes } = heartbeat;
    const { lagWarningMs, memoryLimitBytes, backoff, now } = this.#options;
    const who = `${member.role} ${member.id}`;
    if (lagWarningMs > 0 && lagMs > lagWarningMs) {
      this.#emit('warning', new TimeoutError(`The event loop of ${who} was blocked for ${lagMs} ms`), member);
    }
    if (memoryLimitBytes === 0 || rssBytes <= memoryLimitBytes || this.#phase !== 'started') return;
    // Give each member a minimum time: a limit below the memory of a fresh member would replace members endlessly.
    const isYoung = member.uptimeMs < backoff.resetAfterMs;
    if (member !== slot.current || slot.isReplacing || isYoung || now() < growth.nextAt) return;
    growth.nextAt = Infinity;
    const message = `${who} uses ${rssBytes} bytes of memory, more than ${memoryLimitBytes}, and is replaced`;
    this.#emit('warning', new ResourceLimitError(message, { limit: 'memoryLimitBytes' }), member);
    // Wait for a running reload, which may replace the member.
    this.#reloads = this.#reloads.then(async () => {
      const isStillNeeded = member === slot.current && this.#phase === 'started';
      const report = isStillNeeded ? await slot.replace() : undefined;
      this.#afterReplacement(growth, member, report);
    });
  }

  /** After a failed replacement of a member over the memory limit, retries with a growing delay, or gives up. */
  #afterReplacement(growth: MemoryGuard, member: Member<In, Out>, report: ExitReport | undefined): void {
    const { now } = this.#options;
    if (report === undefined) {
      growth.policy.reset();
      growth.nextAt = 0;
      return;
    }
    const waitMs = growth.policy.afterCrash({ at: now(), servedMs: 0 });
    growth.nextAt = waitMs === 'giveUp' ? Infinity : now() + waitMs;
    if (waitMs !== 'giveUp' || this.#phase !== 'started') return;
    const message = `${member.role} ${member.id} is over its memory limit, and its replacement failed too often; it stays until a reload`;
    this.#emit('warning', new ResourceLimitError(message, { limit: 'memoryLimitBytes' }), member);
  }

  #createSlot(id: number, options: ResolvedPoolOptions<unknown>): Slot<In, Out> {
    const policy = createRespawnPolicy(options.backoff, options.crashLoop, options.random);
    const growth: MemoryGuard = { policy, nextAt: 0 };
    const owner: SlotOwner<In, Out> = {
      ignoresTermination: () => this.#ignoresTermination,
      isOutputPaused: () => this.#isOutputPaused,
      onReady: (member) => {
        growth.nextAt = 0;
        this.#emit('ready', member);
      },
      onDraining: (member) => this.#emit('draining', member),
      onHeartbeat: (member, heartbeat) => this.#onHeartbeat(slot, growth, member, heartbeat),
      onMessage: (member, body, handle) => this.#emit('message', member, body, handle),
      onOutput: (member, stream, text) => this.#emit('output', member, stream, text),
      onFinished: () => this.#checkFinished(),
      onExit: (member, report) => {
        this.#emit('exit', report, member);
        this.#checkFinished();
      },
      beforeRetire: async (member, successor) => {
        try {
          await this.#beforeRetire?.(member, successor);
        } catch {
          // Ignored, as documented: the old member drains anyway.
        }
      },
      onGiveUp: (report) => this.#emit('giveUp', giveUpError(report, options.respawn, options.crashLoop), report),
    };
    const slot: Slot<In, Out> = new Slot<In, Out>(id, options, owner, this.#crashing);
    return slot;
  }
}

/** Limits how often a slot's member is replaced because of its memory. */
interface MemoryGuard {
  readonly policy: RespawnPolicy;
  nextAt: number;
}

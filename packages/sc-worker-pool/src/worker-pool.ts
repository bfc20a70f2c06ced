import type { SendHandle } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { InvalidActionError, ResourceLimitError, TimeoutError } from 'sc-protocol';
import type { ProcessExitError } from 'sc-protocol';
import { giveUpError, startError } from './exit-errors.js';
import type { CrashReport, ExitReport } from './exit-report.js';
import { startHeartbeatWatch } from './heartbeat-watch.js';
import type { Member, PoolMember } from './member.js';
import type { Pulse } from './messages.js';
import { resolvePoolOptions } from './options.js';
import type { PoolSettings, WorkerPoolOptions } from './options.js';
import type { CrashingSlots } from './respawn-policy.js';
import { Slot, type SlotHooks } from './slot.js';

/** What a pool emits. */
export interface PoolEvents<In, Out> {
  /** A member is ready: at the start, after a respawn, and in a reload before the old one drains. */
  ready: [member: PoolMember<In>];
  /** A member was told to stop: give it nothing new. */
  draining: [member: PoolMember<In>];
  /** A member has ended. Its last messages and lines have been delivered before. */
  exit: [report: ExitReport, member: PoolMember<In>];
  /** A member sent a message with its seat's `send`. */
  message: [member: PoolMember<In>, message: Out, handle: SendHandle | undefined];
  /** A member wrote a line. */
  output: [member: PoolMember<In>, stream: 'stdout' | 'stderr', line: string];
  /** A member is not well: its event loop was blocked, it uses too much memory, or it does not answer any more. */
  warning: [error: TimeoutError | ResourceLimitError, member: PoolMember<In>];
  /** A slot crashed too often in a row and stays empty until a reload. */
  giveUp: [error: ProcessExitError, report: CrashReport];
}

type Phase = 'idle' | 'starting' | 'started' | 'stopped';

/**
 * Keeps a wanted number of child processes alive, each with its own slot: a member that crashes is replaced after a
 * growing wait, and a slot whose members only crash is given up.
 */
export class WorkerPool<Init = unknown, In = unknown, Out = unknown> {
  readonly #events = new EventEmitter<PoolEvents<In, Out>>();
  readonly #settings: PoolSettings<Init>;
  readonly #slots: readonly Slot<In, Out>[];
  readonly #crashing: CrashingSlots = new Map();
  #phase: Phase = 'idle';
  #stopped: Promise<void> | undefined;
  /** Settles when the reload that was asked for last is over. Never rejects. */
  #reloads: Promise<unknown> = Promise.resolve();
  #queuedReload: Promise<void> | undefined;
  #endWatch: (() => void) | undefined;

  constructor(options: WorkerPoolOptions<Init>) {
    this.#settings = resolvePoolOptions(options);
    const settings = this.#settings as PoolSettings<unknown>;
    this.#slots = Array.from({ length: settings.count }, (_, id) => this.#createSlot(id, settings));
  }

  /** Every member that has not exited. A slot in a reload has two, one that waits to respawn none. */
  get members(): readonly PoolMember<In>[] {
    return this.#slots.flatMap((slot) => slot.members);
  }

  /** The member that serves in a slot, if there is one now. */
  member(id: number): PoolMember<In> | undefined {
    return this.#slots[id]?.current;
  }

  /**
   * Starts every member and resolves when all are ready. If one fails, all are stopped again and the promise rejects
   * with a StartError whose `cause` is what the child reported, or how it ended.
   */
  async start(): Promise<void> {
    if (this.#phase !== 'idle') throw new InvalidActionError('A pool can be started once');
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
   * Replaces every member by a fresh one, slot after slot: the new one is ready before the old one is told to drain,
   * and the next slot waits until the old one has ended. Rejects with a StartError when a new member does not get
   * ready; its slot and those after it then keep the members they have. Asked during a reload, it does one more.
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

  /** Asks every member to drain, insists with SIGTERM and SIGKILL, and resolves when all have ended. May be repeated. */
  stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#endWatch?.();
    this.#stopped ??= Promise.all(this.#slots.map((slot) => slot.close())).then(() => undefined);
    return this.#stopped;
  }

  /** Sends a signal to the member that serves in a slot. False when there is none. */
  kill(id: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return this.#slots[id]?.current?.kill(signal) ?? false;
  }

  on<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.on(event, listener as never);
    return this;
  }

  once<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.once(event, listener as never);
    return this;
  }

  off<Name extends keyof PoolEvents<In, Out>>(
    event: Name,
    listener: (...details: PoolEvents<In, Out>[Name]) => void,
  ): this {
    this.#events.off(event, listener as never);
    return this;
  }

  #emit<Name extends keyof PoolEvents<In, Out>>(event: Name, ...details: PoolEvents<In, Out>[Name]): void {
    // The emitter cannot relate a name to its details while In and Out are still open.
    this.#events.emit(event, ...(details as never));
  }

  async #replaceAll(): Promise<void> {
    for (const slot of this.#slots) {
      if (this.#stopped !== undefined) throw new InvalidActionError('The pool was stopped during the reload');
      const report = await slot.replace();
      if (report?.kind === 'crash') throw startError('reload', report);
    }
  }

  #watchHeartbeats(): (() => void) | undefined {
    const { heartbeatIntervalMs, heartbeatTimeoutMs, now } = this.#settings;
    if (heartbeatTimeoutMs === 0) return undefined;
    return startHeartbeatWatch({
      intervalMs: heartbeatIntervalMs,
      timeoutMs: heartbeatTimeoutMs,
      now,
      members: () => this.#slots.flatMap((slot) => slot.members),
      onSilent: (member, silentMs) => {
        const { role, id } = member;
        this.#emit('warning', new TimeoutError(`${role} ${id} has been silent for ${silentMs} ms`), member);
        member.giveUpOn('heartbeat');
      },
    });
  }

  #onPulse(slot: Slot<In, Out>, member: Member<In, Out>, { lagMs, rssBytes }: Pulse): void {
    const { lagWarningMs, memoryLimitBytes, backoff, now } = this.#settings;
    const who = `${member.role} ${member.id}`;
    if (lagWarningMs > 0 && lagMs > lagWarningMs) {
      this.#emit('warning', new TimeoutError(`The event loop of ${who} was blocked for ${lagMs} ms`), member);
    }
    if (memoryLimitBytes === 0 || rssBytes <= memoryLimitBytes || this.#phase !== 'started') return;
    // A limit below what a fresh member needs would replace without end; so at least not in haste.
    const isYoung = now() - member.startedAt < backoff.resetAfterMs;
    if (member !== slot.current || slot.isReplacing || isYoung) return;
    const message = `${who} uses ${rssBytes} bytes of memory, more than ${memoryLimitBytes}, and is replaced`;
    this.#emit('warning', new ResourceLimitError(message, { limit: 'memoryLimitBytes' }), member);
    // After a reload that is running, which may have replaced it meanwhile.
    this.#reloads = this.#reloads.then(async () => {
      if (member === slot.current && this.#phase === 'started') await slot.replace();
    });
  }

  #createSlot(id: number, settings: PoolSettings<unknown>): Slot<In, Out> {
    const hooks: SlotHooks<In, Out> = {
      onReady: (member) => this.#emit('ready', member),
      onDraining: (member) => this.#emit('draining', member),
      onPulse: (member, pulse) => this.#onPulse(slot, member, pulse),
      onMessage: (member, body, handle) => this.#emit('message', member, body, handle),
      onOutput: (member, stream, line) => this.#emit('output', member, stream, line),
      onExit: (member, report) => this.#emit('exit', report, member),
      onGiveUp: (report) => this.#emit('giveUp', giveUpError(report, settings.crashLoop), report),
    };
    const slot: Slot<In, Out> = new Slot<In, Out>(id, settings, hooks, this.#crashing);
    return slot;
  }
}

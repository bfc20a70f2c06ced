import type { SendHandle } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { hydrateError, InvalidActionError, ProcessExitError, StartError } from 'sc-protocol';
import { describeExit } from './exit-report.js';
import type { CrashReport, ExitReport } from './exit-report.js';
import type { PoolMember } from './member.js';
import { resolvePoolOptions } from './options.js';
import type { PoolSettings, WorkerPoolOptions } from './options.js';
import { Slot } from './slot.js';

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
  /** A slot crashed too often in a row and stays empty. */
  giveUp: [error: ProcessExitError, report: CrashReport];
}

type Phase = 'idle' | 'started' | 'stopped';

/**
 * Keeps a wanted number of child processes alive, each with its own slot: a member that crashes is replaced after a
 * growing wait, and a slot whose members only crash is given up.
 */
export class WorkerPool<Init = unknown, In = unknown, Out = unknown> {
  readonly #events = new EventEmitter<PoolEvents<In, Out>>();
  readonly #settings: PoolSettings<Init>;
  readonly #slots: readonly Slot<In, Out>[];
  #phase: Phase = 'idle';
  #stopped: Promise<void> | undefined;

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
    this.#phase = 'started';
    let failure: CrashReport | undefined;
    await Promise.all(
      this.#slots.map(async (slot) => {
        const report = await slot.open();
        if (report === undefined || failure !== undefined) return;
        failure = report;
        await this.stop();
      }),
    );
    if (failure !== undefined) throw startError(failure);
    if (this.#stopped !== undefined) throw new InvalidActionError('The pool was stopped before it was ready');
  }

  /** Asks every member to drain, insists with SIGTERM and SIGKILL, and resolves when all have ended. May be repeated. */
  stop(): Promise<void> {
    this.#phase = 'stopped';
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

  #createSlot(id: number, settings: PoolSettings<unknown>): Slot<In, Out> {
    return new Slot<In, Out>(id, settings, {
      onReady: (member) => this.#emit('ready', member),
      onDraining: (member) => this.#emit('draining', member),
      onMessage: (member, body, handle) => this.#emit('message', member, body, handle),
      onOutput: (member, stream, line) => this.#emit('output', member, stream, line),
      onExit: (member, report) => this.#emit('exit', report, member),
      onGiveUp: (report) => this.#emit('giveUp', giveUpError(report, settings), report),
    });
  }
}

function startError(report: CrashReport): StartError {
  const summary = describeExit(report);
  const cause = report.lastError === undefined ? exitError(summary, report) : hydrateError(report.lastError);
  if (report.lastStack !== undefined) cause.stack = report.lastStack;
  return new StartError(`The pool could not start: ${summary}`, exitDetails(report), { cause });
}

function giveUpError(report: CrashReport, { crashLoop }: PoolSettings<unknown>): ProcessExitError {
  const { role, id } = report;
  return exitError(
    `Gave up on ${role} ${id} after ${crashLoop.maxCrashes} crashes within ${crashLoop.windowMs} ms; last: ${describeExit(report)}`,
    report,
  );
}

function exitError(message: string, report: CrashReport): ProcessExitError {
  const cause = report.lastError === undefined ? undefined : hydrateError(report.lastError);
  if (cause !== undefined && report.lastStack !== undefined) cause.stack = report.lastStack;
  return new ProcessExitError(message, exitDetails(report), cause === undefined ? {} : { cause });
}

function exitDetails({ role, id, pid, code, signal }: CrashReport): Record<string, string | number> {
  return {
    role,
    id,
    ...(pid === undefined ? {} : { pid }),
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
  };
}

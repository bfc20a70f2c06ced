import type { ChildProcess, SendHandle } from 'node:child_process';
import { dehydrateError, InvalidActionError, ResourceLimitError } from 'sc-protocol';
import type { WireError } from 'sc-protocol';
import type { ExitReason, ExitReport } from './exit-report.js';
import { createLineSplitter } from './lines.js';
import { nextMemberState } from './member-state.js';
import type { MemberEvent, MemberState } from './member-state.js';
import { parseToPool, seatingVariable } from './messages.js';
import type { Pulse, Seating, ToMember } from './messages.js';
import type { PoolSettings } from './options.js';

/** How a message is sent to a member. */
export interface SendOptions {
  /** Keeps this process's copy of the handle open after it was sent. @default false */
  readonly keepOpen?: boolean;
  /** Told when the message was accepted but could not be written. */
  readonly onError?: (error: Error) => void;
}

/** One child process of a pool, from its start to its exit. A respawned slot has a new member. */
export interface PoolMember<In = unknown> {
  /** The role of its pool. */
  readonly role: string;
  /** The slot, from 0 to `count - 1`. A replacement has the id of the member it replaces. */
  readonly id: number;
  /** How many members the slot had before this one. */
  readonly generation: number;
  /** How many times the slot was respawned after a crash. */
  readonly restarts: number;
  readonly pid: number | undefined;
  readonly state: MemberState;
  /** When it was started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** What the child said with `ready(info)`. */
  readonly info: unknown;
  /** Its last heartbeat, if there was one. */
  readonly pulse: Pulse | undefined;
  /**
   * Sends a message, and a socket or server with it.
   * Throws InvalidActionError when the member is gone, ResourceLimitError when too many messages wait for it.
   */
  send(message: In, handle?: SendHandle, options?: SendOptions): void;
}

/** What a member tells its slot. */
export interface MemberHooks<In, Out> {
  onReady(member: Member<In, Out>): void;
  onDraining(member: Member<In, Out>): void;
  onPulse(member: Member<In, Out>, pulse: Pulse): void;
  onMessage(member: Member<In, Out>, body: Out, handle: SendHandle | undefined): void;
  onOutput(member: Member<In, Out>, stream: 'stdout' | 'stderr', line: string): void;
  onExit(member: Member<In, Out>, report: ExitReport): void;
}

/** After `exit`, how long what the child still wrote may take to arrive. A grandchild can hold its pipes open. */
const lastOutputMs = 500;

export class Member<In, Out> implements PoolMember<In> {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
  readonly startedAt: number;
  #state: MemberState = 'starting';
  #info: unknown;
  #pulse: Pulse | undefined;
  #heardAt: number;
  #child: ChildProcess | undefined;
  #reason: ExitReason = 'exited';
  #wasReady = false;
  #forced = false;
  #lastError: WireError | undefined;
  #lastStack: string | undefined;
  #pending = 0;
  #deadline: NodeJS.Timeout | undefined;
  #lastOutput: NodeJS.Timeout | undefined;
  readonly #stderrTail: string[] = [];
  readonly #settings: PoolSettings<unknown>;
  readonly #hooks: MemberHooks<In, Out>;

  constructor(
    readonly seating: Seating,
    readonly restarts: number,
    settings: PoolSettings<unknown>,
    hooks: MemberHooks<In, Out>,
  ) {
    this.role = seating.role;
    this.id = seating.id;
    this.generation = seating.generation;
    this.startedAt = settings.now();
    this.#heardAt = this.startedAt;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): MemberState {
    return this.#state;
  }

  get info(): unknown {
    return this.#info;
  }

  get pulse(): Pulse | undefined {
    return this.#pulse;
  }

  /** When it last said anything, by the clock of the pool. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Forks the child. Whatever goes wrong is reported by `onExit`, never thrown. */
  start(): void {
    const settings = this.#settings;
    this.#arm(settings.readyTimeoutMs);
    try {
      const init = settings.init(this.id, this.generation);
      const child = settings.spawn(settings.entry, settings.args, {
        execArgv: [...settings.execArgv(this.id)],
        env: { ...settings.env, [seatingVariable]: JSON.stringify(this.seating) },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        serialization: settings.serialization,
        ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
        ...(settings.uid === undefined ? {} : { uid: settings.uid }),
        ...(settings.gid === undefined ? {} : { gid: settings.gid }),
      });
      this.#child = child;
      this.#listen(child);
      this.#post({ kind: 'init', init, heartbeatIntervalMs: settings.heartbeatIntervalMs });
    } catch (error) {
      // Reported a turn later, so that a caller has the member before its exit.
      setImmediate(() => this.#failSpawn(error));
    }
  }

  send(message: In, handle?: SendHandle, options: SendOptions = {}): void {
    const child = this.#child;
    const who = `${this.role} ${this.id}`;
    if (child?.connected !== true || this.#state === 'exited') {
      throw new InvalidActionError(`${who} is not running; the message was not sent`);
    }
    const limit = this.#settings.maxPendingMessages;
    if (this.#pending >= limit) {
      throw new ResourceLimitError(`${who} already has ${limit} messages waiting; the message was not sent`, {
        limit: 'maxPendingMessages',
      });
    }
    this.#post({ kind: 'message', body: message }, handle, options);
  }

  /** Asks the member to drain and end; SIGTERM and SIGKILL follow when it is late. Harmless when repeated. */
  stop(): void {
    // It may be draining already because of a signal; its end is then no surprise any more.
    if (this.#state === 'stopping') this.#reason = 'stopped';
    if (this.#state !== 'starting' && this.#state !== 'ready') return;
    this.#reason = 'stopped';
    const deadlineMs = this.#settings.stopTimeoutMs;
    this.#become('stop', deadlineMs);
    if (this.#child?.connected === true) this.#post({ kind: 'stop', deadlineMs });
    this.#hooks.onDraining(this);
  }

  /** Sends a signal. What follows counts as a crash unless the member was stopping. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  /** Ends a member whose heartbeat failed: SIGTERM, then SIGKILL. */
  giveUpOn(reason: 'heartbeat'): void {
    if (this.#state !== 'ready') return;
    this.#reason = reason;
    this.#overdue();
  }

  #listen(child: ChildProcess): void {
    child.on('message', (value: unknown, handle) => this.#receive(value, handle));
    child.on('error', (error) => {
      // A child that runs reports its end by `exit`; `error` then only means that a signal or message was not taken.
      if (child.pid === undefined) this.#failSpawn(error);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(this.#deadline);
      this.#lastOutput = setTimeout(() => this.#finish(code, signal), lastOutputMs);
    });
    // All its pipes have ended too: its last words and last lines are here.
    child.on('close', (code, signal) => this.#finish(code, signal));
    this.#collect(child, 'stdout');
    this.#collect(child, 'stderr');
  }

  #collect(child: ChildProcess, stream: 'stdout' | 'stderr'): void {
    const { maxLineLength, stderrTailLines } = this.#settings;
    const lines = createLineSplitter(maxLineLength, (line) => {
      if (stream === 'stderr') {
        this.#stderrTail.push(line);
        if (this.#stderrTail.length > stderrTailLines) this.#stderrTail.shift();
      }
      this.#hooks.onOutput(this, stream, line);
    });
    child[stream]?.on('data', (chunk: Buffer) => lines.push(chunk));
    child[stream]?.on('end', () => lines.flush());
  }

  #receive(value: unknown, handle: SendHandle | undefined): void {
    const message = parseToPool(value);
    if (message === undefined || this.#state === 'exited') return;
    this.#heardAt = this.#settings.now();
    switch (message.kind) {
      case 'ready':
        if (this.#state !== 'starting') return;
        this.#info = message.info;
        this.#wasReady = true;
        this.#become('ready');
        this.#hooks.onReady(this);
        return;
      case 'draining':
        // It was told to stop by a signal from outside, so its deadline starts now.
        if (this.#state !== 'starting' && this.#state !== 'ready') return;
        // One that never served has not ended in order.
        if (this.#wasReady) this.#reason = 'drained';
        this.#become('stop', this.#settings.stopTimeoutMs);
        this.#hooks.onDraining(this);
        return;
      case 'pulse':
        this.#pulse = message.pulse;
        this.#hooks.onPulse(this, message.pulse);
        return;
      case 'lastWords':
        this.#lastError = message.error;
        this.#lastStack = message.stack;
        return;
      case 'message':
        this.#hooks.onMessage(this, message.body as Out, handle);
        return;
    }
  }

  #post(message: ToMember<unknown, In>, handle?: SendHandle, { keepOpen = false, onError }: SendOptions = {}): void {
    this.#pending++;
    // With a callback Node never throws later; a child that has just died is reported by its exit.
    this.#child?.send(message, handle, { keepOpen }, (error) => {
      this.#pending--;
      if (error !== null) onError?.(error);
    });
  }

  #become(event: MemberEvent, deadlineMs?: number): void {
    this.#state = nextMemberState(this.#state, event);
    clearTimeout(this.#deadline);
    if (deadlineMs !== undefined) this.#arm(deadlineMs);
  }

  #arm(deadlineMs: number): void {
    this.#deadline = setTimeout(() => this.#overdue(), deadlineMs);
  }

  #overdue(): void {
    if (this.#state === 'starting') this.#reason = 'readyTimeout';
    this.#forced = true;
    this.#become('overdue', this.#settings.termTimeoutMs);
    this.kill(this.#state === 'killing' ? 'SIGKILL' : 'SIGTERM');
  }

  #failSpawn(error: unknown): void {
    this.#lastError ??= dehydrateError(error);
    if (error instanceof Error && error.stack !== undefined) this.#lastStack ??= error.stack;
    this.#reason = 'spawnFailed';
    // It runs without knowing what for when only its init message could not be sent; its exit follows.
    if (!this.kill('SIGKILL')) this.#finish(null, null);
  }

  #finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#state === 'exited') return;
    this.#become('exit');
    clearTimeout(this.#lastOutput);
    // It meant to end in order and did not.
    if (this.#reason === 'drained' && code !== 0) this.#reason = 'exited';
    const ending = {
      ...this.seating,
      pid: this.pid,
      code,
      signal,
      reason: this.#reason,
      wasReady: this.#wasReady,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastStack === undefined ? {} : { lastStack: this.#lastStack }),
      stderrTail: [...this.#stderrTail],
      uptimeMs: Math.max(0, this.#settings.now() - this.startedAt),
    };
    this.#hooks.onExit(
      this,
      this.#reason === 'stopped' || this.#reason === 'drained'
        ? { kind: 'stop', ...ending, forced: this.#forced }
        : { kind: 'crash', ...ending },
    );
  }
}

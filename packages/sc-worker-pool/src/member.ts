import type { ChildProcess, SendHandle } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dehydrateError, InvalidActionError, ResourceLimitError, StartError } from 'sc-protocol';
import type { WireError } from 'sc-protocol';
import { inheritableNodeOptions } from './exec-argv.js';
import type { ExitReason, ExitReport } from './exit.js';
import type { Heartbeat } from './heartbeat.js';
import { nextMemberState } from './member-state.js';
import type { MemberEvent, MemberState } from './member-state.js';
import { identityVariable, parseToPool } from './messages.js';
import type { MemberIdentity, ToMember } from './messages.js';
import type { ResolvedPoolOptions } from './options.js';
import { createOutputSplitter } from './output.js';

/** Options for sending a message to a member. */
export interface SendOptions {
  /** Keeps this process's copy of the handle open after it was sent. @default false */
  readonly keepOpen?: boolean;
  /** Called if the message was accepted but could not be written. */
  readonly onError?: (error: Error) => void;
}

/** One child process of a pool, from its start to its exit. A respawned slot has a new member. */
export interface PoolMember<In = unknown> {
  /** Role of the members, as set in the pool's options. */
  readonly role: string;
  /** The slot, from 0 to `count - 1`. A replacement has the id of the member it replaces. */
  readonly id: number;
  /** Number of earlier members of the slot. */
  readonly generation: number;
  /** Number of respawns of the slot after a crash. */
  readonly restarts: number;
  /** Process id; `undefined` if the process could not be started. */
  readonly pid: number | undefined;
  /** Current state. */
  readonly state: MemberState;
  /** Start time, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Time since the start, in milliseconds of a monotonic clock. */
  readonly uptimeMs: number;
  /** Time since the last message of any kind, in milliseconds. Heartbeats arrive every `heartbeatIntervalMs`. */
  readonly silentMs: number;
  /** The argument of the member's `ready(info)`. */
  readonly info: unknown;
  /** The last heartbeat, if any. */
  readonly heartbeat: Heartbeat | undefined;
  /** Sends a message. Throws `InvalidActionError` after the exit, and `ResourceLimitError` if the queue is full. */
  send(message: In, handle?: SendHandle, options?: SendOptions): void;
}

/** The interface through which a member calls its slot. */
export interface MemberOwner<In, Out> {
  /** Whether members ignore SIGTERM from outside, because their pool is about to stop them. */
  ignoresTermination(): boolean;
  /** Whether reading the output of members is paused. */
  isOutputPaused(): boolean;
  onReady(member: Member<In, Out>): void;
  onDraining(member: Member<In, Out>): void;
  /** The member has finished its work, and its process is about to exit. */
  onFinished(member: Member<In, Out>): void;
  onHeartbeat(member: Member<In, Out>, heartbeat: Heartbeat): void;
  onMessage(member: Member<In, Out>, body: Out, handle: SendHandle | undefined): void;
  onOutput(member: Member<In, Out>, stream: 'stdout' | 'stderr', text: string): void;
  onExit(member: Member<In, Out>, report: ExitReport): void;
}

/** Maximum time to read the rest of the output after `exit`, in milliseconds. A grandchild can hold the pipes open. */
const lastOutputMs = 500;
/** Delay before a member's SIGTERM is handled. A group signal also reaches this process, possibly a moment later. */
const groupSignalMs = 100;

export class Member<In, Out> implements PoolMember<In> {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
  readonly startedAt = Date.now();
  readonly #spawnedAt: number;
  #readyAt: number | undefined;
  #heardAt: number;
  #state: MemberState = 'starting';
  #info: unknown;
  #heartbeat: Heartbeat | undefined;
  #child: ChildProcess | undefined;
  #reason: ExitReason = 'exited';
  #forced = false;
  #isFinished = false;
  #lastError: WireError | undefined;
  #lastStack: string | undefined;
  #pending = 0;
  #deadline: NodeJS.Timeout | undefined;
  #termination: NodeJS.Timeout | undefined;
  #lastOutput: NodeJS.Timeout | undefined;
  readonly #stderrTail: string[] = [];
  readonly #options: ResolvedPoolOptions<unknown>;
  readonly #owner: MemberOwner<In, Out>;

  constructor(
    readonly identity: MemberIdentity,
    readonly restarts: number,
    options: ResolvedPoolOptions<unknown>,
    owner: MemberOwner<In, Out>,
  ) {
    this.role = identity.role;
    this.id = identity.id;
    this.generation = identity.generation;
    this.#spawnedAt = options.now();
    this.#heardAt = this.#spawnedAt;
    this.#options = options;
    this.#owner = owner;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): MemberState {
    return this.#state;
  }

  /** Whether the member has finished its work: every stop handler has settled, or the process has exited. */
  get isFinished(): boolean {
    return this.#isFinished || this.#state === 'exited';
  }

  get info(): unknown {
    return this.#info;
  }

  get heartbeat(): Heartbeat | undefined {
    return this.#heartbeat;
  }

  get uptimeMs(): number {
    return Math.round(this.#options.now() - this.#spawnedAt);
  }

  get silentMs(): number {
    return Math.round(this.#options.now() - this.#heardAt);
  }

  /** Forks the child. A failure is reported by `onExit`, never thrown. */
  start(): void {
    const options = this.#options;
    this.#arm(options.readyTimeoutMs);
    let reason: ExitReason = 'initFailed';
    try {
      const init = options.init(this.id, this.generation);
      reason = 'spawnFailed';
      if (!existsSync(options.entry)) throw new StartError(`The entry module ${options.entry} does not exist`);
      const child = options.spawn(options.entry, options.args, {
        execArgv: [...options.execArgv(this.id)],
        env: childEnvironment(options.env, this.identity),
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        serialization: options.serialization,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.gid === undefined ? {} : { gid: options.gid }),
      });
      this.#child = child;
      this.#listen(child);
      reason = 'initFailed';
      const { heartbeatIntervalMs, outputPolicy: policy, maxPendingOutputBytes: maxPendingBytes } = options;
      this.#post({ kind: 'init', init, heartbeatIntervalMs, output: { policy, maxPendingBytes } });
    } catch (error) {
      // Report the failure in the next turn, so the caller has the member before its exit.
      setImmediate(() => this.#failStart(reason, error));
    }
  }

  send(message: In, handle?: SendHandle, options: SendOptions = {}): void {
    const child = this.#child;
    const who = `${this.role} ${this.id}`;
    if (child?.connected !== true || this.#state === 'exited') {
      throw new InvalidActionError(`${who} is not running; the message was not sent`);
    }
    const limit = this.#options.maxPendingMessages;
    if (this.#pending >= limit) {
      throw new ResourceLimitError(`${who} already has ${limit} messages waiting; the message was not sent`, {
        limit: 'maxPendingMessages',
      });
    }
    this.#post({ kind: 'message', body: message }, handle, options);
  }

  /** Asks the member to drain and exit; SIGTERM and SIGKILL follow after the deadlines. Idempotent. */
  stop(): void {
    // The member may already be draining because of a signal; its exit is then expected.
    if (this.#state === 'stopping') this.#reason = 'stopped';
    this.#beginStop('asked', 'stopped');
  }

  /** Sends a signal. The exit counts as a crash unless the member was stopping. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  /** Stops a member whose heartbeat failed: SIGTERM, then SIGKILL. */
  giveUpOn(reason: 'heartbeat'): void {
    if (this.#state !== 'ready') return;
    this.#reason = reason;
    this.#overdue();
  }

  /** Stops reading the output. The member then drops its output, or blocks. */
  pauseOutput(): void {
    this.#child?.stdout?.pause();
    this.#child?.stderr?.pause();
  }

  resumeOutput(): void {
    // A member that was blocked in a write sent no heartbeats.
    if (this.#options.outputPolicy === 'block') this.#heardAt = this.#options.now();
    this.#child?.stdout?.resume();
    this.#child?.stderr?.resume();
  }

  #listen(child: ChildProcess): void {
    child.on('message', (value: unknown, handle) => this.#receive(value, handle));
    child.on('error', (error) => {
      // A running child emits `exit`; its `error` only means that a signal or message was not delivered.
      if (child.pid === undefined) this.#failStart('spawnFailed', error);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(this.#deadline);
      this.resumeOutput();
      this.#lastOutput = setTimeout(() => this.#finish(code, signal), lastOutputMs);
    });
    // All pipes have ended, too: the last messages and lines have been received.
    child.on('close', (code, signal) => this.#finish(code, signal));
    this.#collect(child, 'stdout');
    this.#collect(child, 'stderr');
    if (this.#owner.isOutputPaused()) this.pauseOutput();
  }

  #collect(child: ChildProcess, stream: 'stdout' | 'stderr'): void {
    const { maxTextLength } = this.#options;
    const splitter = createOutputSplitter(maxTextLength, (text) => {
      if (stream === 'stderr') this.#keepTail(text);
      this.#owner.onOutput(this, stream, text);
    });
    child[stream]?.on('data', (chunk: Buffer) => splitter.push(chunk));
    child[stream]?.on('end', () => splitter.flush());
    // A failed pipe has no more data; the exit of the process is reported separately.
    child[stream]?.on('error', () => splitter.flush());
  }

  #keepTail(text: string): void {
    this.#stderrTail.push(...text.split('\n'));
    const excess = this.#stderrTail.length - this.#options.stderrTailLines;
    if (excess > 0) this.#stderrTail.splice(0, excess);
  }

  #receive(value: unknown, handle: SendHandle | undefined): void {
    const message = parseToPool(value);
    if (message === undefined || this.#state === 'exited') return;
    this.#heardAt = this.#options.now();
    switch (message.kind) {
      case 'ready':
        if (this.#state !== 'starting') return;
        this.#info = message.info;
        this.#readyAt = this.#options.now();
        this.#become('ready');
        this.#owner.onReady(this);
        return;
      case 'terminated':
        this.#onTerminated();
        return;
      case 'draining':
        // The member stops without a request of the pool; its deadline starts now.
        if (this.#state === 'starting' || this.#state === 'ready') this.#becomeStopping(this.#drainReason());
        return;
      case 'finished':
        this.#isFinished = true;
        this.#owner.onFinished(this);
        return;
      case 'heartbeat':
        this.#heartbeat = message.heartbeat;
        this.#owner.onHeartbeat(this, message.heartbeat);
        return;
      case 'failure':
        this.#lastError = message.error;
        this.#lastStack = message.stack;
        return;
      case 'message':
        this.#owner.onMessage(this, message.body as Out, handle);
        return;
      default:
        message satisfies never;
    }
  }

  /**
   * Handles a SIGTERM that the member received from outside. Sent to this member alone, it means drain. Sent to the
   * whole process group, it is meant for the supervisor, which stops its members gracefully.
   */
  #onTerminated(): void {
    this.#termination ??= setTimeout(() => {
      this.#termination = undefined;
      if (this.#state === 'starting' || this.#state === 'ready') {
        if (this.#owner.ignoresTermination()) this.#post({ kind: 'carryOn' });
        else this.#beginStop('signal', this.#drainReason());
      } else if (this.#state === 'terminating') {
        // The pool itself sent the signal, to an overdue member that now responds.
        this.#post({ kind: 'stop', deadlineMs: this.#options.termTimeoutMs, cause: 'signal' });
      }
    }, groupSignalMs);
  }

  /** The exit of a member that was never ready does not count as a clean drain. */
  #drainReason(): ExitReason {
    return this.#readyAt === undefined ? 'exited' : 'drained';
  }

  #beginStop(cause: 'asked' | 'signal', reason: ExitReason): void {
    if (this.#state !== 'starting' && this.#state !== 'ready') return;
    if (this.#child?.connected === true) {
      this.#post({ kind: 'stop', deadlineMs: this.#options.stopTimeoutMs, cause });
    }
    this.#becomeStopping(reason);
  }

  #becomeStopping(reason: ExitReason): void {
    this.#reason = reason;
    this.#become('stop', this.#options.stopTimeoutMs);
    this.#owner.onDraining(this);
  }

  #post(message: ToMember<unknown, In>, handle?: SendHandle, { keepOpen = false, onError }: SendOptions = {}): void {
    this.#pending++;
    // With a callback, Node emits no `error` for a failed send; `exit` reports a child that has just died.
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
    this.#become('overdue', this.#options.termTimeoutMs);
    this.kill(this.#state === 'killing' ? 'SIGKILL' : 'SIGTERM');
  }

  #failStart(reason: ExitReason, error: unknown): void {
    this.#lastError ??= dehydrateError(error);
    if (error instanceof Error && error.stack !== undefined) this.#lastStack ??= error.stack;
    this.#reason = reason;
    // If the process runs, only its init message could not be sent: kill it, and `exit` follows.
    if (!this.kill('SIGKILL')) this.#finish(null, null);
  }

  #finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#state === 'exited') return;
    this.#become('exit');
    clearTimeout(this.#lastOutput);
    clearTimeout(this.#termination);
    // The member failed while draining.
    if (this.#reason === 'drained' && code !== 0) this.#reason = 'exited';
    const now = this.#options.now();
    const ending = {
      ...this.identity,
      pid: this.pid,
      code,
      signal,
      reason: this.#reason,
      wasReady: this.#readyAt !== undefined,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastStack === undefined ? {} : { lastStack: this.#lastStack }),
      stderrTail: [...this.#stderrTail],
      uptimeMs: this.uptimeMs,
      servedMs: this.#readyAt === undefined ? 0 : Math.round(now - this.#readyAt),
    };
    this.#owner.onExit(
      this,
      this.#reason === 'stopped' || this.#reason === 'drained'
        ? { kind: 'stop', ...ending, forced: this.#forced }
        : { kind: 'crash', ...ending },
    );
  }
}

function childEnvironment(env: NodeJS.ProcessEnv, identity: MemberIdentity): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: nodeOptions, ...rest } = env;
  return {
    ...rest,
    ...(nodeOptions !== undefined && { NODE_OPTIONS: inheritableNodeOptions(nodeOptions) }),
    [identityVariable]: JSON.stringify(identity),
  };
}

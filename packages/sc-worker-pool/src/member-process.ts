import type { SendHandle } from 'node:child_process';
import { inspect } from 'node:util';
import { dehydrateError, InvalidActionError, InvalidArgumentsError } from 'sc-protocol';
import { parseToMember, seatingVariable } from './messages.js';
import type { Seating, ToPool } from './messages.js';
import { startOrphanWatchdog } from './orphan-watchdog.js';
import { startPulse } from './heartbeat.js';

/** Why a member is to stop: the pool asked, a signal came from outside, or the supervisor is gone. */
export type StopCause = 'asked' | 'signal' | 'orphaned';

export interface JoinOptions {
  /** How long a member may go on after its supervisor has disappeared, in milliseconds. @default 3000 */
  readonly orphanTimeoutMs?: number;
  /**
   * Whether a thread watches over that, so that also a member that blocks its event loop ends: with SIGKILL, within a
   * second after the timeout. It costs about 8 MB of memory. @default true
   */
  readonly orphanWatchdog?: boolean;
}

/** A child's place in its pool. */
export interface Seat<Init, In, Out> {
  readonly role: string;
  /** The slot, from 0. */
  readonly id: number;
  /** How many members the slot had before this one. */
  readonly generation: number;
  /** What the pool's `init` made for this member. */
  readonly init: Promise<Init>;
  /** Tells the pool that this member does its work. `info` is shown there as `member.info`. */
  ready(info?: unknown): void;
  /** Sends a message to the pool. Throws InvalidActionError when the supervisor is gone. */
  send(message: Out, handle?: SendHandle): void;
  /** Handles messages from the pool. Messages that came before wait for it. One handler at a time. */
  onMessage(handler: (message: In, handle: SendHandle | undefined) => void): void;
  /**
   * Called once when the member is to stop. The process exits with 0 when every handler has finished, with 1 when one
   * throws, and in any case when the pool's deadline has passed.
   */
  onStop(handler: (cause: StopCause) => Promise<void> | void): void;
  /** Reports an error as the last words of this process and exits with 1. */
  fail(error: unknown): void;
}

/** How long last words may take to leave. */
const lastWordsMs = 1_000;
/** How many messages wait for a handler; a pool sends none before `ready`, so more are a mistake. */
const maxEarlyMessages = 1_000;

/**
 * Joins the pool that started this process. Call it once, early in the entry module. From then on uncaught errors are
 * reported to the pool before the process exits with 1, SIGINT and SIGHUP are left to the supervisor, and SIGTERM means drain.
 */
export function joinPool<Init = unknown, In = unknown, Out = unknown>(options: JoinOptions = {}): Seat<Init, In, Out> {
  const { orphanTimeoutMs = 3_000, orphanWatchdog = true } = options;
  if (!Number.isInteger(orphanTimeoutMs) || orphanTimeoutMs < 1) {
    throw new InvalidArgumentsError(
      `\`orphanTimeoutMs\` must be a whole number from 1, got ${String(orphanTimeoutMs)}`,
    );
  }
  const seating = takeSeating();
  if (orphanWatchdog) startOrphanWatchdog(orphanTimeoutMs);
  const stopHandlers: ((cause: StopCause) => Promise<void> | void)[] = [];
  const early: { message: In; handle: SendHandle | undefined }[] = [];
  let onMessage: ((message: In, handle: SendHandle | undefined) => void) | undefined;
  let isStopping = false;
  let isFailing = false;
  let stopPulse = (): void => undefined;

  let resolveInit: (init: Init) => void;
  const init = new Promise<Init>((resolve) => (resolveInit = resolve));

  process.on('message', (value: unknown, handle) => {
    const message = parseToMember(value);
    if (message === undefined) return;
    switch (message.kind) {
      case 'init':
        stopPulse = startPulse(message.heartbeatIntervalMs, (pulse) => post({ kind: 'pulse', pulse }));
        resolveInit(message.init as Init);
        return;
      case 'stop':
        stop('asked', message.deadlineMs);
        return;
      case 'message':
        deliver(message.body as In, handle);
        return;
    }
  });
  process.once('disconnect', () => {
    // Also when it was stopping already: nobody is left to send SIGKILL.
    setTimeout(() => process.exit(1), orphanTimeoutMs).unref();
    stop('orphaned', orphanTimeoutMs);
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  // Ctrl-C and the end of a terminal reach the whole process group; the supervisor decides what they mean.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => {
    if (isStopping) process.exit(143);
    post({ kind: 'draining' });
    stop('signal', undefined);
  });

  function deliver(message: In, handle: SendHandle | undefined): void {
    if (onMessage !== undefined) {
      onMessage(message, handle);
      return;
    }
    if (early.length < maxEarlyMessages) early.push({ message, handle });
    else process.emitWarning(`${seating.role} ${seating.id} dropped a message: it has no onMessage handler`);
  }

  function post(message: ToPool<Out>, handle?: SendHandle, done?: () => void): void {
    // With a callback a lost channel is not thrown; the `disconnect` event deals with it.
    if (process.connected) process.send?.(message, handle, undefined, done ?? (() => undefined));
    else done?.();
  }

  function stop(cause: StopCause, deadlineMs: number | undefined): void {
    if (isStopping) return;
    isStopping = true;
    if (deadlineMs !== undefined) setTimeout(() => process.exit(1), deadlineMs).unref();
    void Promise.all(stopHandlers.map(async (handler) => handler(cause))).then(leave, fail);
  }

  function leave(): void {
    stopPulse();
    // Messages go out in order, so when this one has left all have.
    setTimeout(() => process.exit(0), lastWordsMs).unref();
    post({ kind: 'draining' }, undefined, () => process.exit(0));
  }

  function fail(error: unknown): void {
    if (isFailing) return;
    isFailing = true;
    // The last words bring the stack to the supervisor; without one this is the only place left for it.
    if (!process.connected) process.stderr.write(`${inspect(error)}\n`);
    setTimeout(() => process.exit(1), lastWordsMs);
    const stack = error instanceof Error ? error.stack : undefined;
    const words: ToPool<Out> = { kind: 'lastWords', error: dehydrateError(error) };
    post(stack === undefined ? words : { ...words, stack }, undefined, () => process.exit(1));
  }

  return {
    ...seating,
    init,
    ready: (info) => post({ kind: 'ready', info }),
    send(message, handle) {
      if (!process.connected) throw new InvalidActionError('The supervisor is gone; the message was not sent');
      post({ kind: 'message', body: message }, handle);
    },
    onMessage(handler) {
      onMessage = handler;
      for (const { message, handle } of early.splice(0)) handler(message, handle);
    },
    onStop: (handler) => void stopHandlers.push(handler),
    fail,
  };
}

function takeSeating(): Seating {
  const text = process.env[seatingVariable];
  if (text === undefined || process.send === undefined) {
    throw new InvalidActionError('joinPool() works once, in a process that a WorkerPool started');
  }
  // Grandchildren are not members, and a second call is a mistake.
  delete process.env[seatingVariable];
  return JSON.parse(text) as Seating;
}

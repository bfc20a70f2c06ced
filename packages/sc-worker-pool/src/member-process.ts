import type { SendHandle } from 'node:child_process';
import { inspect } from 'node:util';
import { dehydrateError, InvalidActionError, InvalidArgumentsError, ResourceLimitError } from 'sc-protocol';
import type { WireError } from 'sc-protocol';
import { startHeartbeat } from './heartbeat.js';
import { guardOutput } from './member-output.js';
import { identityVariable, parseToMember } from './messages.js';
import type { MemberIdentity, ToPool } from './messages.js';
import { startOrphanWatchdog } from './orphan-watchdog.js';

/** Why a member is to stop: the pool asked, a signal came from outside, or the supervisor is gone. */
export type StopCause = 'asked' | 'signal' | 'orphaned';

/** Options of `joinPool`. */
export interface JoinOptions {
  /** How long a member may go on after its supervisor has disappeared, in milliseconds. @default 3000 */
  readonly orphanTimeoutMs?: number;
  /**
   * Whether a thread watches over that, so that also a member that blocks its event loop ends: with SIGKILL, within a
   * second after the timeout. It costs about 8 MB of memory. @default true
   */
  readonly orphanWatchdog?: boolean;
  /** How many messages may wait for a supervisor that does not read before `send` throws. @default 10000 */
  readonly maxPendingMessages?: number;
}

/** This process as a member of its pool. */
export interface MemberProcess<Init, In, Out> {
  /** Role of the members, as set in the pool's options. */
  readonly role: string;
  /** The slot, from 0. */
  readonly id: number;
  /** How many members the slot had before this one. */
  readonly generation: number;
  /** Resolves with the value that the pool's `init` created for this member. */
  readonly init: Promise<Init>;
  /** How many messages to the pool have not been written yet. Grows while the supervisor does not read. */
  readonly pending: number;
  /** Tells the pool that this member does its work. `info` is shown there as `member.info`. */
  ready(info?: unknown): void;
  /**
   * Sends a message to the pool. Throws InvalidActionError when the supervisor is gone, ResourceLimitError when too many
   * messages wait for it. `onWritten` is called when the message has left this process: the pool gets it even if the process
   * ends then. It gets an error when the message could not be written.
   */
  send(message: Out, handle?: SendHandle, onWritten?: (error: Error | null) => void): void;
  /** Handles messages from the pool. Messages that came before wait for it. One handler at a time. */
  onMessage(handler: (message: In, handle: SendHandle | undefined) => void): void;
  /**
   * Called once when the member is to stop. The process exits with 0 when every handler has finished, with 1 when one
   * throws, and in any case when the pool's deadline has passed.
   */
  onStop(handler: (cause: StopCause) => Promise<void> | void): void;
  /** Reports an error to the pool and exits with 1. */
  fail(error: unknown): void;
}

/** How long the last message may take to leave. */
const lastMessageMs = 1_000;
/** How many messages wait for a handler; a pool sends none before `ready`, so more are a mistake. */
const maxEarlyMessages = 1_000;
/** How many messages may wait when a heartbeat is due. Behind more than this it would say nothing. */
const maxPendingAtHeartbeat = 1_000;
/** How long the supervisor may take to say what SIGTERM means. */
const terminationMs = 2_000;

/**
 * Joins the pool that started this process. Call it once, early in the entry module. From then on uncaught errors are
 * reported to the pool before the process exits with 1. SIGINT, SIGHUP and SIGUSR2 are left to the supervisor, which the
 * same signal reaches when it is sent to the process group. SIGTERM to this process alone means drain.
 */
export function joinPool<Init = unknown, In = unknown, Out = unknown>(
  options: JoinOptions = {},
): MemberProcess<Init, In, Out> {
  const { orphanTimeoutMs = 3_000, orphanWatchdog = true, maxPendingMessages = 10_000 } = options;
  for (const [name, value] of Object.entries({ orphanTimeoutMs, maxPendingMessages })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new InvalidArgumentsError(`\`${name}\` must be a whole number from 1, got ${String(value)}`);
  }
  const identity = takeIdentity();
  // First of all: before them, such a signal to the process group would end this process.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  if (orphanWatchdog) startOrphanWatchdog(orphanTimeoutMs);
  const output = guardOutput();
  const stopHandlers: ((cause: StopCause) => Promise<void> | void)[] = [];
  const early: { message: In; handle: SendHandle | undefined }[] = [];
  let onMessage: ((message: In, handle: SendHandle | undefined) => void) | undefined;
  let pending = 0;
  let isStopping = false;
  let isFailing = false;
  let termination: NodeJS.Timeout | undefined;
  let stopHeartbeat = (): void => undefined;

  let resolveInit: (init: Init) => void;
  const init = new Promise<Init>((resolve) => (resolveInit = resolve));

  process.on('message', (value: unknown, handle) => {
    const message = parseToMember(value);
    if (message === undefined) return;
    switch (message.kind) {
      case 'init':
        output.setOptions(message.output);
        stopHeartbeat = startHeartbeat(
          message.heartbeatIntervalMs,
          () => output.droppedWrites,
          (heartbeat) => {
            if (pending < maxPendingAtHeartbeat) post({ kind: 'heartbeat', heartbeat });
          },
        );
        resolveInit(message.init as Init);
        return;
      case 'stop':
        stop(message.cause, message.deadlineMs);
        return;
      case 'carryOn':
        clearTimeout(termination);
        termination = undefined;
        return;
      case 'message':
        deliver(message.body as In, handle);
        return;
      default:
        message satisfies never;
    }
  });
  process.once('disconnect', () => {
    // Also when it was stopping already: no process is left to send SIGKILL.
    setTimeout(() => process.exit(1), orphanTimeoutMs).unref();
    stop('orphaned', orphanTimeoutMs);
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  process.on('SIGTERM', () => {
    // The pool has its own deadline for a member that is stopping. Without a pool a second signal insists.
    if (isStopping) {
      if (!process.connected) process.exit(143);
      return;
    }
    if (termination !== undefined) return;
    post({ kind: 'terminated' });
    termination = setTimeout(() => {
      post({ kind: 'draining' });
      stop('signal', undefined);
    }, terminationMs);
  });

  function deliver(message: In, handle: SendHandle | undefined): void {
    if (onMessage !== undefined) {
      onMessage(message, handle);
      return;
    }
    if (early.length < maxEarlyMessages) early.push({ message, handle });
    else process.emitWarning(`${identity.role} ${identity.id} dropped a message: it has no onMessage handler`);
  }

  function post(message: ToPool<Out>, handle?: SendHandle, done?: (error: Error | null) => void): void {
    if (!process.connected) {
      done?.(new InvalidActionError('The supervisor is gone; the message was not sent'));
      return;
    }
    pending += 1;
    // With a callback a lost channel is not thrown; the `disconnect` event deals with it.
    process.send?.(message, handle, undefined, (error) => {
      pending -= 1;
      done?.(error);
    });
  }

  function stop(cause: StopCause, deadlineMs: number | undefined): void {
    if (isStopping) return;
    isStopping = true;
    clearTimeout(termination);
    if (deadlineMs !== undefined) setTimeout(() => process.exit(1), deadlineMs).unref();
    void Promise.all(stopHandlers.map(async (handler) => handler(cause))).then(leave, fail);
  }

  function leave(): void {
    stopHeartbeat();
    // Messages go out in order, so when this one has left all have.
    setTimeout(() => process.exit(0), lastMessageMs).unref();
    post({ kind: 'finished' }, undefined, () => process.exit(0));
  }

  function fail(error: unknown): void {
    if (isFailing) return;
    isFailing = true;
    setTimeout(() => process.exit(1), lastMessageMs);
    const { wire, stack } = describe(error);
    // The message brings the stack to the supervisor; without one this is the only place left for it.
    if (!process.connected) process.stderr.write(`${stack ?? wire.message}\n`);
    const failure: ToPool<Out> = { kind: 'failure', error: wire };
    post(stack === undefined ? failure : { ...failure, stack }, undefined, () => process.exit(1));
  }

  return {
    ...identity,
    init,
    get pending() {
      return pending;
    },
    ready: (info) => post({ kind: 'ready', info }),
    send(message, handle, onWritten) {
      if (!process.connected) throw new InvalidActionError('The supervisor is gone; the message was not sent');
      if (pending >= maxPendingMessages) {
        const text = `${maxPendingMessages} messages already wait for the supervisor; the message was not sent`;
        throw new ResourceLimitError(text, { limit: 'maxPendingMessages' });
      }
      post({ kind: 'message', body: message }, handle, onWritten);
    },
    onMessage(handler) {
      onMessage = handler;
      for (const { message, handle } of early.splice(0)) handler(message, handle);
    },
    onStop: (handler) => void stopHandlers.push(handler),
    fail,
  };
}

/** The serializable form of an error. Errors with throwing getters or proxies must not hide that the process failed. */
function describe(error: unknown): { wire: WireError; stack: string | undefined } {
  try {
    const wire = dehydrateError(error);
    // A value that cannot be encoded cannot be sent either.
    JSON.stringify(wire);
    return { wire, stack: error instanceof Error ? stackOf(error) : undefined };
  } catch {
    return { wire: { name: 'Error', message: `An error that cannot be read: ${summary(error)}` }, stack: undefined };
  }
}

function stackOf(error: Error): string | undefined {
  const { stack } = error;
  return typeof stack === 'string' ? stack : undefined;
}

function summary(error: unknown): string {
  try {
    return inspect(error, { customInspect: false, getters: false, depth: 1 });
  } catch {
    return typeof error;
  }
}

function takeIdentity(): MemberIdentity {
  const text = process.env[identityVariable];
  if (text === undefined || process.send === undefined) {
    throw new InvalidActionError('joinPool() works once, in a process that a WorkerPool started');
  }
  // Grandchildren are not members, and a second call is a mistake.
  delete process.env[identityVariable];
  return JSON.parse(text) as MemberIdentity;
}

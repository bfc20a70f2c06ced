import type { SendHandle } from 'node:child_process';
import { inspect } from 'node:util';
import { dehydrateError, InvalidActionError, InvalidArgumentsError, ResourceLimitError } from 'sc-protocol';
import type { WireError } from 'sc-protocol';
import { startHeartbeat } from './heartbeat.js';
import { guardOutput } from './member-output.js';
import { identityVariable, parseToMember } from './messages.js';
import type { MemberIdentity, ToPool } from './messages.js';
import { startOrphanWatchdog } from './orphan-watchdog.js';

/** Why a member must stop: a request of the pool, a signal from outside, or the loss of the supervisor. */
export type StopCause = 'asked' | 'signal' | 'orphaned';

/** Options of `joinPool`. */
export interface JoinOptions {
  /** Maximum time a member may run after its supervisor has disappeared, in milliseconds. @default 3000 */
  readonly orphanTimeoutMs?: number;
  /**
   * Whether a thread enforces `orphanTimeoutMs`, so that a member with a blocked event loop is killed, too: with
   * SIGKILL, within a second after the timeout. It costs about 8 MB of memory. @default true
   */
  readonly orphanWatchdog?: boolean;
  /**
   * Maximum number of messages waiting for a supervisor that does not read. Beyond it, `send` throws. @default 10000
   */
  readonly maxPendingMessages?: number;
}

/** This process as a member of its pool. */
export interface MemberProcess<Init, In, Out> {
  /** Role of the members, as set in the pool's options. */
  readonly role: string;
  /** The slot, from 0. */
  readonly id: number;
  /** Number of earlier members of the slot. */
  readonly generation: number;
  /** Resolves with the value that the pool's `init` created for this member. */
  readonly init: Promise<Init>;
  /** Number of messages to the pool that have not been written yet. Grows while the supervisor does not read. */
  readonly pending: number;
  /** Reports to the pool that this member is ready. The pool exposes `info` as `member.info`. */
  ready(info?: unknown): void;
  /**
   * Sends a message to the pool. Throws InvalidActionError if the supervisor is gone, and ResourceLimitError if too
   * many messages are waiting. `onWritten` is called when the message has left this process: the pool receives it even
   * if the process exits after that. It is called with an error if the message could not be written.
   */
  send(message: Out, handle?: SendHandle, onWritten?: (error: Error | null) => void): void;
  /** Sets the handler for messages from the pool, replacing an earlier one. Delivers the messages buffered before. */
  onMessage(handler: (message: In, handle: SendHandle | undefined) => void): void;
  /**
   * Adds a handler that is called once when the member must stop. The process exits with 0 when every handler has
   * finished, with 1 if one throws, and with 1 when the pool's deadline has passed.
   */
  onStop(handler: (cause: StopCause) => Promise<void> | void): void;
  /** Reports an error to the pool and exits with 1. */
  fail(error: unknown): void;
}

/** Maximum time to write the last message, in milliseconds. */
const lastMessageMs = 1_000;
/** Maximum number of messages buffered for a handler. A pool normally sends none before `ready`. */
const maxEarlyMessages = 1_000;
/** Heartbeats are skipped if more messages than this are waiting: they would arrive stale. */
const maxPendingAtHeartbeat = 1_000;
/** Maximum time to wait for the supervisor's decision on a SIGTERM, in milliseconds. */
const terminationMs = 2_000;

/**
 * Joins the pool that started this process. Call it once, early in the entry module. From then on, uncaught errors are
 * reported to the pool before the process exits with 1. SIGINT, SIGHUP and SIGUSR2 are ignored: sent to the process
 * group, they also reach the supervisor, which handles them. SIGTERM to this process alone means drain.
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
  // Install the handlers first: until then, such a signal to the process group would kill this process.
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
    // Set the deadline even if the process is already stopping: no supervisor is left to send SIGKILL.
    setTimeout(() => process.exit(1), orphanTimeoutMs).unref();
    stop('orphaned', orphanTimeoutMs);
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  process.on('SIGTERM', () => {
    // The pool has its own deadline for a stopping member. Without a pool, a second signal exits immediately.
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
    // With a callback, `send` does not throw if the IPC channel is closed; the `disconnect` event handles that.
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
    // Messages are written in order, so when this one is written, all are.
    setTimeout(() => process.exit(0), lastMessageMs).unref();
    post({ kind: 'finished' }, undefined, () => process.exit(0));
  }

  function fail(error: unknown): void {
    if (isFailing) return;
    isFailing = true;
    setTimeout(() => process.exit(1), lastMessageMs);
    const { wire, stack } = describe(error);
    // The message carries the stack to the supervisor. Without a supervisor, write it to stderr.
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

/** The serializable form of an error. An error with throwing getters, or a proxy, must not hide the failure. */
function describe(error: unknown): { wire: WireError; stack: string | undefined } {
  try {
    const wire = dehydrateError(error);
    // Throws for a value that cannot be encoded, and so cannot be sent.
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
  // Delete it: grandchildren are not members, and a second call must throw.
  delete process.env[identityVariable];
  return JSON.parse(text) as MemberIdentity;
}

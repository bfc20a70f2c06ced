import { hydrateError, ProcessExitError, StartError } from 'sc-protocol';
import type { WireError } from 'sc-protocol';
import type { CrashLoop } from './respawn.js';

/** Why a member ended. */
export type ExitReason =
  /** The member exited by itself, or by a signal that the pool did not send. */
  | 'exited'
  /** The operating system could not start the process, or its entry module does not exist. */
  | 'spawnFailed'
  /** The `init` function of the pool failed, or its result could not be sent. */
  | 'initFailed'
  /** The member was not ready in time. */
  | 'readyTimeout'
  /** The heartbeat of the member failed. */
  | 'heartbeat'
  /** The pool stopped the member. */
  | 'stopped'
  /** A signal from outside stopped the member, and it exited cleanly. */
  | 'drained';

interface Ending {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
  /** `undefined` if the process could not be started. */
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: ExitReason;
  /** Whether the member was ever ready. */
  readonly wasReady: boolean;
  /** The fatal error, as reported by the member. */
  readonly lastError?: WireError;
  /** The stack of `lastError`. For the operator's log; must never reach clients. */
  readonly lastStack?: string;
  /** The last lines of the member's standard error. */
  readonly stderrTail: readonly string[];
  /** Time since the member's start, in milliseconds. */
  readonly uptimeMs: number;
  /** Time since the member became ready, in milliseconds; 0 if it never was. */
  readonly servedMs: number;
}

/** Report of a member that exited unexpectedly. */
export interface CrashReport extends Ending {
  /** Discriminant. */
  readonly kind: 'crash';
}

/** Report of a member that was stopped by its pool or by a signal. */
export interface StopReport extends Ending {
  /** Discriminant. */
  readonly kind: 'stop';
  /** Whether the pool had to send a signal. */
  readonly forced: boolean;
}

/** Describes how a member exited. */
export type ExitReport = CrashReport | StopReport;

/** Describes a member's exit in one line, for logs and error messages. */
export function describeExit(report: ExitReport): string {
  const who = `${report.role} ${report.id}${report.pid === undefined ? '' : ` (pid ${report.pid})`}`;
  const error = report.lastError === undefined ? '' : `: ${report.lastError.name}: ${report.lastError.message}`;
  return `${who} ${howItEnded(report)}${error}`;
}

function howItEnded(report: ExitReport): string {
  const how = report.signal === null ? `exited with code ${report.code ?? 'unknown'}` : `was ended by ${report.signal}`;
  switch (report.reason) {
    case 'exited':
    case 'stopped':
    case 'drained':
      return how;
    case 'spawnFailed':
    case 'initFailed':
      return 'could not be started';
    case 'readyTimeout':
      return `was not ready in time and ${how}`;
    case 'heartbeat':
      return `did not answer any more and ${how}`;
  }
}

/** The error of a start or reload that failed because a member exited before it was ready. */
export function startError(what: 'start' | 'reload', report: CrashReport): StartError {
  const summary = describeExit(report);
  const cause = lastError(report) ?? new ProcessExitError(summary, details(report));
  return new StartError(`The pool could not ${what}: ${summary}`, details(report), { cause });
}

/** The error of a slot that stays empty. */
export function giveUpError(report: ExitReport, respawn: boolean, { maxCrashes }: CrashLoop): ProcessExitError {
  const who = `${report.role} ${report.id}`;
  const summary = respawn
    ? `Gave up on ${who} after ${maxCrashes} crashes in a row`
    : `${who} is not replaced, because respawning is turned off`;
  const cause = lastError(report);
  const message = `${summary}; last: ${describeExit(report)}`;
  return new ProcessExitError(message, details(report), cause === undefined ? {} : { cause });
}

/** The error that the child reported, with its own stack. */
function lastError(report: ExitReport): Error | undefined {
  if (report.lastError === undefined) return undefined;
  const error = hydrateError(report.lastError);
  if (report.lastStack !== undefined) error.stack = report.lastStack;
  return error;
}

function details({ role, id, pid, code, signal }: ExitReport): Record<string, string | number> {
  return {
    role,
    id,
    ...(pid === undefined ? {} : { pid }),
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
  };
}

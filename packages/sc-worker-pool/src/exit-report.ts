import type { WireError } from 'sc-protocol';

/** What made the pool, or the member, end a life. */
export type ExitReason =
  /** It ended by itself or by somebody else's signal. */
  | 'exited'
  /** The process could not be started at all. */
  | 'spawnFailed'
  /** It was not ready in time. */
  | 'readyTimeout'
  /** Its heartbeat failed. */
  | 'heartbeat'
  /** The pool told it to stop. */
  | 'stopped'
  /** A signal from outside told it to stop, and it did so in order. */
  | 'drained';

interface Ending {
  readonly role: string;
  readonly id: number;
  readonly generation: number;
  /** Missing only when the process could not be started. */
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: ExitReason;
  /** Whether it had said that it was ready. */
  readonly wasReady: boolean;
  /** The error the child reported before it ended. */
  readonly lastError?: WireError;
  /** The stack of `lastError`, for the log of the operator; never for clients. */
  readonly lastStack?: string;
  /** The last lines of its standard error. */
  readonly stderrTail: readonly string[];
  readonly uptimeMs: number;
}

/** How a member died that should have lived. */
export interface CrashReport extends Ending {
  readonly kind: 'crash';
}

/** How a member ended that was told to, by its pool or by a signal. `forced` when it had to be sent a signal. */
export interface StopReport extends Ending {
  readonly kind: 'stop';
  readonly forced: boolean;
}

export type ExitReport = CrashReport | StopReport;

/** One line that says how a member ended, for logs and error messages. */
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
      return 'could not be started';
    case 'readyTimeout':
      return `was not ready in time and ${how}`;
    case 'heartbeat':
      return `did not answer any more and ${how}`;
  }
}

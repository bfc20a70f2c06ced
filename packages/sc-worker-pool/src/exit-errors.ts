import { hydrateError, ProcessExitError, StartError } from 'sc-protocol';
import type { CrashLoop } from './crash-loop.js';
import { describeExit } from './exit-report.js';
import type { CrashReport } from './exit-report.js';

/** Why a pool could not start or reload: a member ended before it was ready. */
export function startError(what: 'start' | 'reload', report: CrashReport): StartError {
  const summary = describeExit(report);
  const cause = lastError(report) ?? new ProcessExitError(summary, details(report));
  return new StartError(`The pool could not ${what}: ${summary}`, details(report), { cause });
}

/** Why a slot stays empty. */
export function giveUpError(report: CrashReport, { maxCrashes, windowMs }: CrashLoop): ProcessExitError {
  const summary = `Gave up on ${report.role} ${report.id} after ${maxCrashes} crashes within ${windowMs} ms`;
  const cause = lastError(report);
  const message = `${summary}; last: ${describeExit(report)}`;
  return new ProcessExitError(message, details(report), cause === undefined ? {} : { cause });
}

/** What the child reported, with its own stack. */
function lastError(report: CrashReport): Error | undefined {
  if (report.lastError === undefined) return undefined;
  const error = hydrateError(report.lastError);
  if (report.lastStack !== undefined) error.stack = report.lastStack;
  return error;
}

function details({ role, id, pid, code, signal }: CrashReport): Record<string, string | number> {
  return {
    role,
    id,
    ...(pid === undefined ? {} : { pid }),
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
  };
}

import { resolve } from 'node:path';
import type { Rules } from '../../kit/options/check.js';

/** Options of the supervisor itself: its log, its files, and how it keeps processes alive. */
export interface SupervisorOptions {
  /**
   * A process that crashed this many times in a row, each time before it had been ready for `minProcessUptimeMs`, is not
   * started again until a reload; 0 starts it for ever. When no process of its kind is left the cluster ends. @default 5
   */
  maxCrashesInARow?: number;
  /** How long a process must have been ready, in milliseconds, for its crash not to count in the row. @default 5000 */
  minProcessUptimeMs?: number;
  /**
   * Policy if the reader of stdout or stderr is too slow and `logBufferBytes` are buffered: `'drop'` drops entries and
   * logs their number, `'block'` blocks the application when it prints. @default 'drop'
   */
  logOverflow?: 'drop' | 'block';
  /** Bytes of the log that may wait for the reader of stdout, and as many for stderr. @default 4194304 */
  logBufferBytes?: number;
  /**
   * Folder for the unix sockets of the processes. It must belong to the user of the supervisor and be closed to the writing
   * of others; it is made when it does not exist. @default `sc-` and the user id, in the folder of temporary files
   */
  runtimeDirectory?: string;
  /**
   * Path of the unix socket on which the supervisor takes the commands of sc-cli. A fixed path is found from outside of a
   * service or container. @default a path in `runtimeDirectory`
   */
  controlPath?: string;
  /**
   * Folder with the entry modules of the child processes: a copy of `dist/processes` of sc-server, beside a bundled program.
   * @default found beside sc-server
   */
  processDirectory?: string;
}

const pathProblem = (path: string) => (path === '' ? 'must not be empty' : undefined);

/** The rule of each option. */
export const supervisorRules: Rules<SupervisorOptions> = {
  maxCrashesInARow: { type: 'count', min: 0, max: 1_000_000 },
  minProcessUptimeMs: { type: 'duration', allowZero: true },
  logOverflow: { type: 'one-of', values: ['drop', 'block'] },
  logBufferBytes: { type: 'count', min: 65_536, max: 1_073_741_824 },
  runtimeDirectory: { type: 'string', check: pathProblem },
  controlPath: { type: 'string', check: pathProblem },
  processDirectory: { type: 'string', check: pathProblem },
};

export const supervisorDefaults = {
  maxCrashesInARow: 5,
  minProcessUptimeMs: 5_000,
  logOverflow: 'drop' as 'drop' | 'block',
  logBufferBytes: 4_194_304,
} satisfies SupervisorOptions;

/** The options with their defaults. */
export interface ResolvedSupervisorOptions extends Readonly<typeof supervisorDefaults> {
  readonly runtimeDirectory: string | undefined;
  readonly controlPath: string | undefined;
  readonly processDirectory: string | undefined;
}

/** Takes the options of the supervisor out of all options of a cluster. */
export function resolveSupervisorOptions(options: SupervisorOptions): ResolvedSupervisorOptions {
  const merged = { ...supervisorDefaults, ...options };
  const { maxCrashesInARow, minProcessUptimeMs, logOverflow, logBufferBytes } = merged;
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    maxCrashesInARow,
    minProcessUptimeMs,
    logOverflow,
    logBufferBytes,
    runtimeDirectory: absolute(options.runtimeDirectory),
    controlPath: absolute(options.controlPath),
    processDirectory: absolute(options.processDirectory),
  };
}

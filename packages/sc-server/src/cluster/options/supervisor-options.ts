import { resolve } from 'node:path';
import { count, duration, oneOf, settle, text, type OptionsOf, type SettledOptions } from 'sc-protocol/kit';

/** Minimum of options whose unit was seconds in earlier versions; smaller values are likely a mistake. */
const leastMilliseconds = 100;

/** Returns the problem of a duration that was likely meant in seconds. */
export const notSeconds = (value: number): string | undefined =>
  value < leastMilliseconds
    ? `is in milliseconds and must be at least ${leastMilliseconds}; write ${value * 1000} for ${value} seconds`
    : undefined;

const pathProblem = (path: string) => (path === '' ? 'must not be empty' : undefined);

/** Declarations of the options of the supervisor. */
export const supervisorTable = {
  /**
   * Consecutive crashes, each before the process had been ready for `minProcessUptimeMs`, after which a process is
   * not restarted until a reload; 0 restarts it indefinitely. The delay between restarts grows up to ten seconds.
   * Loading time does not count: a process that fails slowly is treated like one that fails immediately. When no
   * process of its kind is left, the cluster exits with code 1.
   */
  maxCrashesInARow: count({ default: 5, min: 0, max: 1_000_000 }),
  /**
   * Time that a process must have been ready, in milliseconds, for its crash not to count towards
   * `maxCrashesInARow`.
   */
  minProcessUptimeMs: duration({ default: 5_000, allowZero: true }),
  /**
   * Policy for open sockets when a worker is replaced, by a reload or because of `killWorkerMemoryThreshold`. `'move'`
   * moves them to the new worker: clients keep their connection, their subscriptions and their token, and do not notice
   * the move; see [moving open sockets](guide/deployment.md#moving-open-sockets) for the requirements on the code of a
   * worker. `'drain'` closes them, and their clients reconnect. Where connections cannot be passed between processes
   * (workers that terminate TLS themselves because `balancers` is 0, Windows), the cluster drains, and logs that once.
   */
  reload: oneOf(['move', 'drain'], { default: 'drain' }),
  /**
   * Time that a moving socket waits for calls in progress. After it, they are rejected with `MovedError`, and the
   * socket moves.
   */
  moveTimeout: duration({ default: 10_000, check: notSeconds }),
  /**
   * Policy if the reader of stdout or stderr is too slow and `logBufferBytes` are buffered: `'drop'` drops entries,
   * counts them in `cluster.status().log.dropped`, and logs their number once the reader has caught up; `'block'`
   * blocks the application when it prints. A reader that has exited also costs entries, but does not stop the
   * cluster.
   */
  logOverflow: oneOf(['drop', 'block'], { default: 'drop' }),
  /** Bytes of log output that may be buffered for stdout, and the same amount for stderr. */
  logBufferBytes: count({ default: 4_194_304, min: 65_536, max: 1_073_741_824 }),
  /**
   * Folder for the unix sockets of the processes. It must belong to the user of the supervisor and must not be
   * writable by others; it is created if it does not exist. Its path must be short: unix sockets take 107 bytes on
   * Linux, 103 elsewhere. Choose one that is not cleaned up as temporary files are, such as `/run/myapp`. Not used
   * on Windows.
   * @default `sc-` and the user id, in the folder of temporary files (`TMPDIR`, else `/tmp`), or in `/tmp` if that path is too long
   */
  runtimeDirectory: text({ check: pathProblem }),
  /**
   * Path of the unix socket on which the supervisor accepts the commands of sc-cli: `sc-cli status --control
   * /run/myapp/control.sock`. A fixed path can be used from outside a service or container. Only the user of the
   * supervisor, and root, can access it.
   * @default a path in `runtimeDirectory`
   */
  controlPath: text({ check: pathProblem }),
  /**
   * Folder with the entry modules of the child processes, `worker.js`, `store.js`, `balancer.js` and `admin.js`. A
   * program that bundles sc-server needs them as files: exclude sc-server from the bundle (`external`), or copy its
   * folder `dist/processes`, whose modules import the installed packages, and set this option to the copy.
   * @default the folder in the installed sc-server
   */
  processDirectory: text({ check: pathProblem }),
};

/** Options of the supervisor itself: its log, its files, and how it keeps processes alive. */
export interface SupervisorOptions extends OptionsOf<typeof supervisorTable> {}

/** The options with defaults applied and absolute paths. */
export type ResolvedSupervisorOptions = SettledOptions<typeof supervisorTable>;

/** Picks and resolves the supervisor's options from the options of a cluster. */
export function resolveSupervisorOptions(options: SupervisorOptions): ResolvedSupervisorOptions {
  const settled = settle(supervisorTable, options);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    ...settled,
    runtimeDirectory: absolute(settled.runtimeDirectory),
    controlPath: absolute(settled.controlPath),
    processDirectory: absolute(settled.processDirectory),
  };
}

import { fork } from 'node:child_process';
import { refuseUnknown, requireRule, requireWholeNumbers } from 'sc-protocol/kit';
import { inheritableExecArgv } from './exec-argv.js';
import type { Backoff, CrashLoop } from './respawn.js';

/** Starts a child process; the default is `fork` of `node:child_process`. */
export type Spawn = typeof fork;

/** Options of a {@link WorkerPool}. All except `role`, `entry`, `count` and `init` have a default. */
export interface WorkerPoolOptions<Init> {
  /** Name of the members in messages and reports: "worker", "store" … */
  role: string;
  /** Absolute path of the module each member runs. It calls `joinPool()` of `sc-worker-pool/child`. */
  entry: string;
  /** Number of members; 0 is allowed. */
  count: number;
  /**
   * Creates the first message to a member. The message is sent over the IPC channel, so it may contain secrets.
   * Called once for each member. An exception makes the start of that member fail.
   */
  init: (id: number, generation: number) => Init;
  /** Arguments for the entry. @default [] */
  args?: readonly string[];
  /** Environment of the members. Debugger options are removed from its `NODE_OPTIONS`. @default process.env */
  env?: NodeJS.ProcessEnv;
  /**
   * Arguments for Node itself, or a function that returns them for a slot. @default those of this process, without its
   * debugger and script arguments
   */
  execArgv?: readonly string[] | ((id: number) => readonly string[]);
  /** Working directory of the members. @default that of this process */
  cwd?: string;
  /** User id the members run as. @default that of this process */
  uid?: number;
  /** Group id the members run as. @default that of this process */
  gid?: number;
  /** Encoding of messages. `advanced` preserves Maps, Buffers and dates, at twice the cost. @default 'json' */
  serialization?: 'json' | 'advanced';
  /** Time after which a member that is not ready is stopped, in milliseconds. @default 30000 */
  readyTimeoutMs?: number;
  /** Maximum time a member may take to drain, in milliseconds. Then it gets SIGTERM. @default 10000 */
  stopTimeoutMs?: number;
  /** Maximum time between SIGTERM and SIGKILL, in milliseconds. @default 2000 */
  termTimeoutMs?: number;
  /** Whether a crashed member is replaced. @default true */
  respawn?: boolean;
  /** Delay before each respawn. */
  backoff?: Partial<Backoff>;
  /** Limits after which a slot is given up. */
  crashLoop?: Partial<CrashLoop>;
  /** Interval of a member's heartbeats, in milliseconds. @default 1000 */
  heartbeatIntervalMs?: number;
  /**
   * Time after which a silent ready member is considered dead and replaced, in milliseconds; 0 disables the check.
   * @default 10000
   */
  heartbeatTimeoutMs?: number;
  /** Resident set size beyond which a member is replaced as in a reload, in bytes; 0 disables the limit. @default 0 */
  memoryLimitBytes?: number;
  /**
   * Event loop delay of a member beyond which a warning is emitted, in milliseconds; 0 disables the warning.
   * @default 1000
   */
  lagWarningMs?: number;
  /** Number of lines of standard error in an exit report. @default 40 */
  stderrTailLines?: number;
  /** Maximum length of the text of one `output` event, in characters. Longer texts are split. @default 16384 */
  maxTextLength?: number;
  /**
   * Policy of a member while its output is not read, because the pool is paused or cannot keep up: `drop` discards
   * writes beyond `maxPendingOutputBytes` and counts them; `block` makes each write block. @default 'drop'
   */
  outputPolicy?: 'drop' | 'block';
  /** Maximum bytes buffered in a member, for standard output and standard error each. @default 1048576 */
  maxPendingOutputBytes?: number;
  /**
   * Maximum number of messages waiting for one member. Beyond it, `send` throws a ResourceLimitError. @default 10000
   */
  maxPendingMessages?: number;
  /** Starts a child. @default fork */
  spawn?: Spawn;
  /** A clock in milliseconds. Backward steps are corrected. @default performance.now, which is monotonic */
  now?: () => number;
  /** A number from 0 up to 1, for jitter. @default Math.random */
  random?: () => number;
}

/** Options with defaults applied. */
export interface ResolvedPoolOptions<Init> extends Required<
  Omit<WorkerPoolOptions<Init>, 'backoff' | 'crashLoop' | 'execArgv' | 'cwd' | 'uid' | 'gid'>
> {
  readonly execArgv: (id: number) => readonly string[];
  readonly backoff: Backoff;
  readonly crashLoop: CrashLoop;
  readonly cwd: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const defaults = {
  args: [] as readonly string[],
  serialization: 'json',
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 10_000,
  termTimeoutMs: 2_000,
  respawn: true,
  heartbeatIntervalMs: 1_000,
  heartbeatTimeoutMs: 10_000,
  memoryLimitBytes: 0,
  lagWarningMs: 1_000,
  stderrTailLines: 40,
  maxTextLength: 16_384,
  outputPolicy: 'drop',
  maxPendingOutputBytes: 1_048_576,
  maxPendingMessages: 10_000,
  spawn: fork,
  now: () => performance.now(),
  random: Math.random,
} satisfies Partial<WorkerPoolOptions<unknown>>;

const defaultBackoff = {
  initialDelayMs: 50,
  maxDelayMs: 10_000,
  multiplier: 2,
  jitter: 0.5,
  resetAfterMs: 10_000,
  shortLifeMs: 2_500,
} satisfies Backoff;

const defaultCrashLoop = { maxCrashes: 5, minUptimeMs: 5_000 } satisfies CrashLoop;

const required = ['role', 'entry', 'count', 'init'];
const optional = ['backoff', 'crashLoop', 'env', 'execArgv', 'cwd', 'uid', 'gid'];

/** Applies the defaults and validates the options. Throws `InvalidOptionsError`. */
export function resolvePoolOptions<Init>(options: WorkerPoolOptions<Init>): ResolvedPoolOptions<Init> {
  refuseUnknown(options, [...required, ...optional, ...Object.keys(defaults)], { of: 'WorkerPool' });
  refuseUnknown(options.backoff ?? {}, Object.keys(defaultBackoff), { prefix: 'backoff.' });
  refuseUnknown(options.crashLoop ?? {}, Object.keys(defaultCrashLoop), { prefix: 'crashLoop.' });
  const settings: ResolvedPoolOptions<Init> = {
    ...defaults,
    env: process.env,
    cwd: undefined,
    uid: undefined,
    gid: undefined,
    ...withoutUndefined(options),
    execArgv: execArgvOf(options.execArgv),
    now: neverBackwards(options.now ?? defaults.now),
    backoff: { ...defaultBackoff, ...withoutUndefined(options.backoff ?? {}) },
    crashLoop: { ...defaultCrashLoop, ...withoutUndefined(options.crashLoop ?? {}) },
  };
  check(settings);
  return settings;
}

function check<Init>(settings: ResolvedPoolOptions<Init>): void {
  const group = settings as unknown as Readonly<Record<string, unknown>>;
  requireRule(isText(settings.role), 'role', 'a string that is not empty', settings.role);
  requireRule(isText(settings.entry), 'entry', 'the path of a module', settings.entry);
  requireRule(typeof settings.init === 'function', 'init', 'a function', settings.init);
  requireWholeNumbers(group, ['count'], { min: 0, max: 1024 });
  requireWholeNumbers(group, ['readyTimeoutMs', 'stopTimeoutMs', 'termTimeoutMs', 'heartbeatIntervalMs'], { min: 1 });
  requireWholeNumbers(group, ['heartbeatTimeoutMs', 'lagWarningMs', 'stderrTailLines'], { min: 0 });
  requireWholeNumbers(group, ['memoryLimitBytes'], { min: 0, max: Number.MAX_SAFE_INTEGER });
  requireWholeNumbers(group, ['maxTextLength', 'maxPendingMessages', 'maxPendingOutputBytes'], { min: 1 });
  const { heartbeatTimeoutMs: timeout, heartbeatIntervalMs: interval } = settings;
  requireRule(
    timeout === 0 || timeout > interval,
    'heartbeatTimeoutMs',
    `0 or more than \`heartbeatIntervalMs\` (${interval})`,
    timeout,
  );
  requireRule(typeof settings.respawn === 'boolean', 'respawn', 'true or false', settings.respawn);
  const { backoff, crashLoop } = settings;
  const waits = ['initialDelayMs', 'maxDelayMs', 'resetAfterMs', 'shortLifeMs'];
  requireWholeNumbers({ ...backoff }, waits, { min: 0, prefix: 'backoff.' });
  requireRule(backoff.multiplier >= 1, 'backoff.multiplier', 'at least 1', backoff.multiplier);
  requireRule(backoff.jitter >= 0 && backoff.jitter <= 1, 'backoff.jitter', 'from 0 to 1', backoff.jitter);
  requireWholeNumbers({ ...crashLoop }, ['maxCrashes', 'minUptimeMs'], { min: 0, prefix: 'crashLoop.' });
  const { outputPolicy } = settings;
  requireRule(['drop', 'block'].includes(outputPolicy), 'outputPolicy', '"drop" or "block"', outputPolicy);
}

function execArgvOf(given: WorkerPoolOptions<unknown>['execArgv']): (id: number) => readonly string[] {
  if (typeof given === 'function') return given;
  const inherited = given ?? inheritableExecArgv(process.execArgv);
  return () => inherited;
}

/** Makes a clock monotonic: after a backward step, it continues from its last value. */
function neverBackwards(now: () => number): () => number {
  let last = -Infinity;
  let offset = 0;
  return () => {
    const time = now() + offset;
    if (time < last) offset += last - time;
    return (last = Math.max(last, time));
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function withoutUndefined<T extends object>(group: T): T {
  return Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined)) as T;
}

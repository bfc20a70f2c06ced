export { inheritableExecArgv } from './exec-argv.js';
export { describeExit } from './exit.js';
export { WorkerPool } from './worker-pool.js';

export type { CrashReport, ExitReason, ExitReport, StopReport } from './exit.js';
export type { Heartbeat } from './heartbeat.js';
export type { PoolMember, SendOptions } from './member.js';
export type { MemberState } from './member-state.js';
export type { Spawn, WorkerPoolOptions } from './options.js';
export type { Backoff, CrashLoop } from './respawn.js';
export type { BeforeRetire, PoolEvents } from './worker-pool.js';

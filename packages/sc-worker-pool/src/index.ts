export { inheritableExecArgv } from './exec-argv.js';
export { describeExit } from './exit-report.js';
export { WorkerPool } from './worker-pool.js';

export type { Backoff } from './backoff.js';
export type { CrashLoop } from './crash-loop.js';
export type { CrashReport, ExitReason, ExitReport, StopReport } from './exit-report.js';
export type { PoolMember, SendOptions } from './member.js';
export type { MemberState } from './member-state.js';
export type { Pulse } from './messages.js';
export type { Spawn, WorkerPoolOptions } from './options.js';
export type { PoolEvents } from './worker-pool.js';

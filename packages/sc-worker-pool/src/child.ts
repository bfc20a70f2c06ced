export { joinPool } from './member-process.js';

export type { Heartbeat } from './heartbeat.js';
export type { JoinOptions, MemberProcess, StopCause } from './member-process.js';

export { joinPool } from './member-process.js';

export type { Pulse } from './messages.js';
export type { JoinOptions, Seat, StopCause } from './member-process.js';

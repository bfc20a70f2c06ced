export { joinPool } from './seat.js';

export type { Pulse } from './messages.js';
export type { JoinOptions, Seat, StopCause } from './seat.js';

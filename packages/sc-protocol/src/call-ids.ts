import type { CallId } from './frames.js';

/** A source of call ids for one direction of one socket: 1, 2, 3 … */
export function createCallIds(): () => CallId {
  let last = 0;
  return () => ++last;
}

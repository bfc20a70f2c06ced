export { nearestName } from './nearest-name.js';
export { refuseUnknown, requireRule, requireWholeNumbers, showValue } from './refuse.js';

export type { UnknownContext } from './refuse.js';

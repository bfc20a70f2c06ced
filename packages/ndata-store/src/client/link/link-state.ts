import type { ShardState } from '../../store.js';

/** Events that change the state of a client's link. */
export type LinkEvent = 'welcome' | 'lost' | 'dial' | 'close';

const transitions: Readonly<Record<ShardState, Partial<Record<LinkEvent, ShardState>>>> = {
  connecting: { welcome: 'ready', lost: 'waiting', close: 'closed' },
  ready: { lost: 'waiting', close: 'closed' },
  waiting: { dial: 'connecting', close: 'closed' },
  closed: {},
};

/** Returns the state after the event, or `undefined` if the event has no effect in this state. */
export function nextLinkState(state: ShardState, event: LinkEvent): ShardState | undefined {
  return transitions[state][event];
}

/**
 * `joining`: the store has not responded yet. `healing`: publications may be missing and are being requested from the
 * store.
 */
export type FeedState = 'joining' | 'live' | 'healing' | 'closed';

/** Transitions of a feed. */
export type FeedEvent = 'subscribed' | 'gap' | 'interrupted' | 'close';

const transitions: Readonly<Record<FeedState, Partial<Record<FeedEvent, FeedState>>>> = {
  joining: { subscribed: 'live', interrupted: 'joining', close: 'closed' },
  live: { gap: 'healing', interrupted: 'healing', close: 'closed' },
  healing: { subscribed: 'live', interrupted: 'healing', close: 'closed' },
  closed: {},
};

/** The state after the event; `undefined` if the event has no effect in this state. */
export function nextFeedState(state: FeedState, event: FeedEvent): FeedState | undefined {
  return transitions[state][event];
}

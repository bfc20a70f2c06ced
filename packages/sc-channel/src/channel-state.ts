/** Where a subscription stands. Pending: asked for, and not confirmed on the present connection. */
export type ChannelState = 'unsubscribed' | 'pending' | 'subscribed';

/** What can happen to a subscription. `lost`: the connection it was made on has ended. */
export type ChannelCause = 'subscribe' | 'unsubscribe' | 'accepted' | 'refused' | 'kickedOut' | 'lost';

/** The events that a step raises, in this order. */
export type ChannelEventName = 'subscribe' | 'subscribeFail' | 'unsubscribe' | 'kickOut';

export interface ChannelStep {
  readonly state: ChannelState;
  readonly events: readonly ChannelEventName[];
}

const step = (state: ChannelState, ...events: ChannelEventName[]): ChannelStep => ({ state, events });

const stayUnsubscribed = step('unsubscribed');
const stayPending = step('pending');
const staySubscribed = step('subscribed');

/** Total: every cause in every state has a row. An answer that comes too late changes nothing. */
export const channelSteps: Readonly<Record<ChannelState, Readonly<Record<ChannelCause, ChannelStep>>>> = {
  unsubscribed: {
    subscribe: step('pending'),
    unsubscribe: stayUnsubscribed,
    accepted: stayUnsubscribed,
    refused: stayUnsubscribed,
    kickedOut: stayUnsubscribed,
    lost: stayUnsubscribed,
  },
  pending: {
    subscribe: stayPending,
    unsubscribe: step('unsubscribed'),
    accepted: step('subscribed', 'subscribe'),
    refused: step('unsubscribed', 'subscribeFail'),
    kickedOut: step('unsubscribed', 'kickOut'),
    lost: stayPending,
  },
  subscribed: {
    subscribe: staySubscribed,
    unsubscribe: step('unsubscribed', 'unsubscribe'),
    accepted: staySubscribed,
    refused: staySubscribed,
    kickedOut: step('unsubscribed', 'kickOut', 'unsubscribe'),
    lost: step('pending', 'unsubscribe'),
  },
};

export function nextChannelStep(state: ChannelState, cause: ChannelCause): ChannelStep {
  return channelSteps[state][cause];
}

/** Where a subscription stands. Pending: asked for, and not confirmed on the present connection. */
export type ChannelState = 'unsubscribed' | 'pending' | 'subscribed';

/** Transitions of a subscription. `lost`: the connection on which it was made has ended. */
export type ChannelCause = 'subscribe' | 'unsubscribe' | 'accepted' | 'refused' | 'kickedOut' | 'lost';

/** The events of one channel. */
export interface ChannelEvents {
  subscribe: [name: string];
  subscribeFail: [error: unknown, name: string];
  unsubscribe: [name: string];
  kickOut: [message: string, name: string];
}

/** The events that a step raises, in this order. */
export type ChannelEventName = keyof ChannelEvents;

export interface ChannelStep {
  readonly state: ChannelState;
  readonly events: readonly ChannelEventName[];
}

type Row = Partial<Record<ChannelCause, readonly [ChannelState, ...ChannelEventName[]]>>;

/** Where each cause leads, and what it raises. A cause without a row, such as an answer that comes too late, changes nothing. */
export const channelSteps: Readonly<Record<ChannelState, Readonly<Row>>> = {
  unsubscribed: {
    subscribe: ['pending'],
  },
  pending: {
    unsubscribe: ['unsubscribed'],
    accepted: ['subscribed', 'subscribe'],
    refused: ['unsubscribed', 'subscribeFail'],
    kickedOut: ['unsubscribed', 'kickOut'],
  },
  subscribed: {
    unsubscribe: ['unsubscribed', 'unsubscribe'],
    kickedOut: ['unsubscribed', 'kickOut', 'unsubscribe'],
    lost: ['pending', 'unsubscribe'],
  },
};

export function nextChannelStep(current: ChannelState, cause: ChannelCause): ChannelStep {
  const [state, ...events] = channelSteps[current][cause] ?? [current];
  return { state, events };
}

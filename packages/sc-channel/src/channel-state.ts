import type { SubscribeStatus } from './channel-position.js';

/** Where a subscription stands. Pending: asked for, and not confirmed on the present connection. */
export type ChannelState = 'unsubscribed' | 'pending' | 'subscribed';

/**
 * Transitions of a subscription. `lost`: the connection on which it was made has ended. `ordered`: the other end has made
 * the subscription.
 */
export type ChannelCause = 'subscribe' | 'unsubscribe' | 'accepted' | 'ordered' | 'refused' | 'kickedOut' | 'lost';

/** The events of one channel. */
export interface ChannelEvents {
  /** The subscription is confirmed; or its stream was lost while it stood, with `recovered: false`. */
  subscribe: [name: string, status: SubscribeStatus];
  /** The subscription was refused. */
  subscribeFail: [error: unknown, name: string];
  /** The subscription has ended. */
  unsubscribe: [name: string];
  /** The server ended the subscription. */
  kickOut: [message: string, name: string];
}

/** The events that a step raises, in this order. */
export type ChannelEventName = keyof ChannelEvents;

/** Result of a transition. */
export interface ChannelStep {
  /** The state after the transition. */
  readonly state: ChannelState;
  /** Events to emit. */
  readonly events: readonly ChannelEventName[];
}

type Row = Partial<Record<ChannelCause, readonly [ChannelState, ...ChannelEventName[]]>>;

/** Where each cause leads, and what it raises. A cause without a row, such as an answer that comes too late, changes nothing. */
export const channelSteps: Readonly<Record<ChannelState, Readonly<Row>>> = {
  unsubscribed: {
    subscribe: ['pending'],
    ordered: ['subscribed', 'subscribe'],
  },
  pending: {
    unsubscribe: ['unsubscribed'],
    accepted: ['subscribed', 'subscribe'],
    ordered: ['subscribed', 'subscribe'],
    refused: ['unsubscribed', 'subscribeFail'],
    kickedOut: ['unsubscribed', 'kickOut'],
  },
  subscribed: {
    unsubscribe: ['unsubscribed', 'unsubscribe'],
    kickedOut: ['unsubscribed', 'kickOut', 'unsubscribe'],
    lost: ['pending', 'unsubscribe'],
  },
};

/** Pure transition function of a subscription. */
export function nextChannelStep(current: ChannelState, cause: ChannelCause): ChannelStep {
  const [state, ...events] = channelSteps[current][cause] ?? [current];
  return { state, events };
}

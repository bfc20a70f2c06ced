import type { SubscribeStatus } from './channel-position.js';

/** State of a subscription. Pending: requested, but not acknowledged on the current connection. */
export type ChannelState = 'unsubscribed' | 'pending' | 'subscribed';

/**
 * Causes of a transition. `lost`: the connection of the subscription was lost. `ordered`: the other end made the
 * subscription.
 */
export type ChannelCause = 'subscribe' | 'unsubscribe' | 'accepted' | 'ordered' | 'refused' | 'kickedOut' | 'lost';

/** The events of one channel. */
export interface ChannelEvents {
  /** The subscription was acknowledged; or the stream of an existing subscription was lost, with `recovered: false`. */
  subscribe: [name: string, status: SubscribeStatus];
  /** The subscription was refused. */
  subscribeFail: [error: unknown, name: string];
  /** The subscription has ended. */
  unsubscribe: [name: string];
  /** The server ended the subscription. */
  kickOut: [message: string, name: string];
}

/** Name of an event of a channel. */
export type ChannelEventName = keyof ChannelEvents;

/** Result of a transition. */
export interface ChannelStep {
  /** The state after the transition. */
  readonly state: ChannelState;
  /** Events to emit. */
  readonly events: readonly ChannelEventName[];
}

type Row = Partial<Record<ChannelCause, readonly [ChannelState, ...ChannelEventName[]]>>;

/**
 * Transitions: for each state and cause, the next state and the events to emit. A cause without an entry, e.g. a late
 * reply, changes nothing.
 */
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

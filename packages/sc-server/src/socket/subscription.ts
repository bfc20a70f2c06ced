import { ResourceLimitError, closeCodes, type ServerFrame, type SubscribeRequest } from 'sc-protocol';
import type { Beginning, Wanted } from '../channels/recovery.js';
import type { LimitName } from '../limits/limit-hits.js';
import type { ServerParts } from '../server/parts.js';
import type { Subscriber } from '../websocket/subscriber.js';
import type { FrameWriter } from './frame-writer.js';
import { HeldFrames } from './held-frames.js';
import type { Identity } from './identity.js';
import type { LoggedClient } from '../log/client-log.js';
import type { SCSocket } from './sc-socket.js';

/** The socket that owns the subscriptions. */
export interface SubscriptionsOwner extends LoggedClient {
  readonly parts: ServerParts;
  readonly identity: Identity;
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  readonly transport: Subscriber & { whenDrained(action: () => void): void };
  /** Whether the client announced the feature `position`. */
  readonly knowsPositions: boolean;
  /** Whether the client announced the feature `presence`. */
  readonly knowsPresence: boolean;
  closeAtLimit(limit: LimitName, code: number): void;
}

/** `asking` until allowed, `joining` until the store delivers, then `active`. `ended` is final. */
export type SubscriptionState = 'asking' | 'joining' | 'active' | 'ended';

/** Answers a subscribe request with its position. Called in the same turn in which delivery begins. */
export type Answer = (ack: Beginning['ack']) => void;

/** An allowed request and the callback that answers it. */
export interface Asked {
  readonly wanted: Wanted;
  readonly answer: Answer;
}

/** One channel of one socket. */
export interface Subscription extends Asked {
  readonly channel: string;
  /** The client's request. It is authorized again after each change of identity. */
  request: SubscribeRequest;
  state: SubscriptionState;
  /** Whether the server initiated it; the line `subscribe` is then skipped. */
  isByServer: boolean;
  /** The epoch of the identity under which it was allowed. */
  epoch: number;
  /** Settles once the request is allowed, refused or ended; `undefined` without middleware. Never rejects. */
  asked: Promise<void> | undefined;
  /** Resolves when the subscription is active; rejects if it is refused or ended before that. */
  ready: Promise<void>;
  /** Rejects `ready` early. */
  refuse: (error: Error) => void;
  /** Publications buffered since the identity changed, while the subscription is being rechecked. */
  held: HeldFrames | undefined;
  /** The catch-up in progress. The socket is not in the fan-out until it completes. */
  catchUp: { stop(): void } | undefined;
  /** The requested range of past publications, as modified by the line "subscribe". */
  wanted: Wanted;
}

/** Creates a subscription in the state `asking`. */
export function createSubscription(
  given: Pick<Subscription, 'request' | 'wanted' | 'answer' | 'isByServer' | 'epoch'>,
): Subscription {
  let refuse: Subscription['refuse'] = () => undefined;
  const ready = new Promise<void>((_resolve, reject) => (refuse = reject));
  const { channel } = given.request;
  return { ...given, channel, state: 'asking', asked: undefined, ready, refuse, held: undefined, catchUp: undefined };
}

/** The frame that informs a client of a server-initiated subscription. */
export function subscribedFrame({ channel, waitForAuth }: SubscribeRequest, ack: Beginning['ack']): ServerFrame {
  return { type: 'subscribed', channel, ...(waitForAuth && { waitForAuth }), ...(ack && { ack }) };
}

/** Creates the buffer for publications of a subscription that is being rechecked. */
export function createHeld(core: SubscriptionsOwner): HeldFrames {
  const { transport } = core.parts;
  return new HeldFrames(core, {
    maxBytes: transport.maxPendingBytes,
    maxVolatileBytes: transport.maxVolatilePendingBytes,
    onOverflow: () => core.closeAtLimit('pendingBytes', closeCodes.slowConsumer),
    onVolatileDropped: (frames) => transport.onVolatileDropped(frames),
  });
}

/** Placeholder for `catchUp` in a subscription that was removed from the fan-out because the socket moves. */
export const leaving: NonNullable<Subscription['catchUp']> = { stop: () => undefined };

/** Compares the state in a function, because the compiler does not see that it can change during an `await`. */
export function isEnded(subscription: Subscription): boolean {
  return subscription.state === 'ended';
}

/** Whether the subscription is active, with no recheck or catch-up in progress. */
export function isSettled({ state, held, asked, catchUp }: Subscription): boolean {
  const isThere = catchUp === undefined || catchUp === leaving;
  return state === 'active' && held === undefined && asked === undefined && isThere;
}

/** The error for a socket that has reached its subscription limit. */
export function channelLimitError(socketId: string, limit: number): ResourceLimitError {
  return new ResourceLimitError(`Socket ${socketId} tried to exceed the channel subscription limit of ${limit}`, {
    limit: 'socketChannelLimit',
  });
}

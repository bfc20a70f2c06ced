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

/** The socket whose subscriptions these are. */
export interface SubscriptionsOwner extends LoggedClient {
  readonly parts: ServerParts;
  readonly identity: Identity;
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  readonly transport: Subscriber & { whenDrained(action: () => void): void };
  /** Whether the client announced that it knows positions. */
  readonly knowsPositions: boolean;
  /** Whether the client announced that it knows presence. */
  readonly knowsPresence: boolean;
  closeAtLimit(limit: LimitName, code: number): void;
}

/** `asking` until it is allowed, `joining` until the store delivers, then `active`; `ended` for good. */
export type SubscriptionState = 'asking' | 'joining' | 'active' | 'ended';

/** Takes what the answer to a subscription says of its position, in the turn in which publications begin. */
export type Answer = (ack: Beginning['ack']) => void;

/** A request that was allowed, and how it is answered. */
export interface Asked {
  readonly wanted: Wanted;
  readonly answer: Answer;
}

/** One channel of one socket. */
export interface Subscription extends Asked {
  readonly channel: string;
  /** The client's request, which is authorized again under every later identity. */
  request: SubscribeRequest;
  state: SubscriptionState;
  /** Whether the server has decided on it: then the line "subscribe" is not asked about this client. */
  isByServer: boolean;
  /** The epoch of the identity under which it was allowed. */
  epoch: number;
  /** Settles once it is allowed, refused or ended; `undefined` if there is no middleware to ask. Never rejects. */
  asked: Promise<void> | undefined;
  /** Settles when it is active, or rejects when it is refused or ended before that. */
  ready: Promise<void>;
  /** Ends `ready` before its time. */
  refuse: (error: Error) => void;
  /** Publications since the identity changed, while it is asked for again. */
  held: HeldFrames | undefined;
  /** While the client is brought to the position of the feed; it is not in the fan-out then. */
  catchUp: { stop(): void } | undefined;
  /** The requested range of past publications, as modified by the line "subscribe". */
  wanted: Wanted;
}

/** A subscription that is to be allowed. */
export function createSubscription(
  given: Pick<Subscription, 'request' | 'wanted' | 'answer' | 'isByServer' | 'epoch'>,
): Subscription {
  let refuse: Subscription['refuse'] = () => undefined;
  const ready = new Promise<void>((_resolve, reject) => (refuse = reject));
  const { channel } = given.request;
  return { ...given, channel, state: 'asking', asked: undefined, ready, refuse, held: undefined, catchUp: undefined };
}

/** Tells a client of a subscription that the server made. */
export function subscribedFrame({ channel, waitForAuth }: SubscribeRequest, ack: Beginning['ack']): ServerFrame {
  return { type: 'subscribed', channel, ...(waitForAuth && { waitForAuth }), ...(ack && { ack }) };
}

/** Keeps the publications for a subscription that is in question. */
export function createHeld(core: SubscriptionsOwner): HeldFrames {
  const { transport } = core.parts;
  return new HeldFrames(core, {
    maxBytes: transport.maxPendingBytes,
    maxVolatileBytes: transport.maxVolatilePendingBytes,
    onOverflow: () => core.closeAtLimit('pendingBytes', closeCodes.slowConsumer),
    onVolatileDropped: (frames) => transport.onVolatileDropped(frames),
  });
}

/** Stands for `catchUp` in a subscription that has left its fan-out because the socket moves to another process. */
export const leaving: NonNullable<Subscription['catchUp']> = { stop: () => undefined };

/** The state changes while something is awaited, which the compiler does not see. */
export function isEnded(subscription: Subscription): boolean {
  return subscription.state === 'ended';
}

/** Whether it stands, and is neither checked nor brought up. */
export function isSettled({ state, held, asked, catchUp }: Subscription): boolean {
  const isThere = catchUp === undefined || catchUp === leaving;
  return state === 'active' && held === undefined && asked === undefined && isThere;
}

/** A socket has all the subscriptions that it may have. */
export function channelLimitError(socketId: string, limit: number): ResourceLimitError {
  return new ResourceLimitError(`Socket ${socketId} tried to exceed the channel subscription limit of ${limit}`, {
    limit: 'socketChannelLimit',
  });
}

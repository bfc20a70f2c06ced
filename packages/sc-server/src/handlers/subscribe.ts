import {
  AuthError,
  AuthTokenExpiredError,
  InvalidActionError,
  ResourceLimitError,
  closeCodes,
  type SubscribeFrame,
  type SubscribeRequest,
} from 'sc-protocol';
import { isInternalChannel } from '../channels/internal-channel.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { Subscription } from '../socket/subscriptions.js';

/**
 * Subscribes the client to every channel it names, each through the line `subscribe` on its own. Acks when the store
 * has them all; when some were refused, answers with the first refusal, and the others are subscribed all the same.
 */
export function handleSubscribe(core: SocketCore, frame: SubscribeFrame): Promise<void> | undefined {
  const { subscriptions, callId } = frame;
  const { host } = core;
  if (!host.subscribeRate.spend(core, subscriptions.length)) {
    core.closeAtLimit('subscribeRate', closeCodes.policyViolation, 'Too many subscriptions');
    return undefined;
  }
  if (!host.middleware.has('subscribe')) {
    if (host.options.secure) {
      core.respondError(callId, new InvalidActionError('Clients may not subscribe: no middleware allows it'));
      return undefined;
    }
    answer(
      core,
      frame,
      subscriptions.map((request) => subscribe(core, request)),
    );
    return undefined;
  }
  const [only] = subscriptions;
  if (subscriptions.length === 1 && only !== undefined) {
    return allow(core, only).then(
      () => answer(core, frame, [subscribe(core, only)]),
      (error: unknown) => core.respondError(callId, error),
    );
  }
  const checks = subscriptions.map(async (request) => {
    await allow(core, request);
    return request;
  });
  return Promise.allSettled(checks).then((results) => {
    const outcomes = results.map((result) =>
      result.status === 'fulfilled' ? subscribe(core, result.value) : Promise.reject(result.reason as Error),
    );
    answer(core, frame, outcomes);
  });
}

function allow(core: SocketCore, { channel, waitForAuth, data }: SubscribeRequest): Promise<void> {
  return core.host.middleware.run({ line: 'subscribe', socket: core.socket, channel, waitForAuth, data });
}

function answer(core: SocketCore, { callId, subscriptions }: SubscribeFrame, outcomes: Promise<void>[]): void {
  const takesBatches = subscriptions.some(({ batch }) => batch);
  void Promise.allSettled(outcomes).then((results) => {
    const refused = results.find((result) => result.status === 'rejected');
    if (takesBatches && callId !== undefined) core.ackBatch.add(callId, refused?.reason);
    else if (refused === undefined) core.respond(callId);
    else core.respondError(callId, refused.reason);
  });
}

async function subscribe(core: SocketCore, request: SubscribeRequest): Promise<void> {
  const { channel, waitForAuth } = request;
  if (core.state === 'closed') return;
  if (isInternalChannel(channel)) throw new InvalidActionError(`Clients cannot subscribe to "${channel}"`);
  const existing = core.subscriptions?.get(channel);
  if (existing !== undefined) return existing.ready;
  core.expireAuthToken();
  if (waitForAuth && core.authToken === undefined) throw missingToken(core, channel);
  const limit = core.host.options.socketChannelLimit;
  if ((core.subscriptions?.size ?? 0) >= limit) {
    core.host.limitHits.hit('channelsPerSocket');
    throw new ResourceLimitError(`Socket ${core.id} tried to exceed the channel subscription limit of ${limit}`, {
      limit: 'socketChannelLimit',
    });
  }
  const subscription: Subscription = {
    isActive: false,
    ready: undefined,
    request: core.authToken === undefined ? undefined : request,
  };
  core.addSubscription(channel, subscription);
  subscription.ready = activate(core, channel, subscription);
  return subscription.ready;
}

async function activate(core: SocketCore, channel: string, subscription: Subscription): Promise<void> {
  const { host } = core;
  try {
    await host.topics.acquire(channel);
  } catch (error) {
    if (core.subscriptions?.get(channel) === subscription) {
      core.subscriptions.delete(channel);
      host.topics.release(channel);
    }
    throw error;
  }
  // Whoever took the subscription away meanwhile has released the channel too.
  if (core.subscriptions?.get(channel) !== subscription) return;
  subscription.isActive = true;
  subscription.ready = undefined;
  host.fanOut.add(channel, core.subscriber, core.encoding);
  core.socket.announce('subscribe', channel);
}

function missingToken(core: SocketCore, channel: string): Error {
  const message = `Subscribing to "${channel}" needs a valid auth token`;
  return core.auth.hasExpired ? new AuthTokenExpiredError(message) : new AuthError(message);
}

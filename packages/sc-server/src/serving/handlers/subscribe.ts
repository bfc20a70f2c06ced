import { AuthError, ResourceLimitError, type SubscribeFrame, type SubscribeRequest } from 'sc-protocol';
import type { SocketCore } from '../socket-core.js';

/**
 * Subscribes the client to every channel it names, each through the line `subscribe` on its own. Acks when the store
 * has them all; when some were refused, answers with the first refusal, and the others are subscribed all the same.
 */
export function handleSubscribe(core: SocketCore, frame: SubscribeFrame): Promise<void> | undefined {
  const { subscriptions, callId } = frame;
  const [only] = subscriptions;
  if (!core.host.middleware.has('subscribe')) {
    answer(
      core,
      frame,
      subscriptions.map((request) => subscribe(core, request)),
    );
    return undefined;
  }
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

function answer(core: SocketCore, { callId }: SubscribeFrame, outcomes: Promise<void>[]): void {
  void Promise.allSettled(outcomes).then((results) => {
    const refused = results.find((result) => result.status === 'rejected');
    if (refused === undefined) core.respond(callId);
    else core.respondError(callId, refused.reason);
  });
}

async function subscribe(core: SocketCore, { channel, waitForAuth }: SubscribeRequest): Promise<void> {
  const { host, subscriptions, socket } = core;
  if (core.state === 'closed' || subscriptions.has(channel)) return;
  if (waitForAuth && core.authToken === undefined) {
    throw new AuthError(`Subscribing to "${channel}" needs a valid auth token`);
  }
  const limit = host.options.socketChannelLimit;
  if (subscriptions.size >= limit) {
    throw new ResourceLimitError(`Socket ${core.id} tried to exceed the channel subscription limit of ${limit}`, {
      limit: 'socketChannelLimit',
    });
  }
  const subscription = { isActive: false };
  subscriptions.set(channel, subscription);
  try {
    await host.topics.acquire(channel);
  } catch (error) {
    if (subscriptions.get(channel) === subscription) {
      subscriptions.delete(channel);
      host.topics.release(channel);
    }
    throw error;
  }
  // Whoever took the subscription away meanwhile has released the channel too.
  if (subscriptions.get(channel) !== subscription) return;
  subscription.isActive = true;
  host.fanOut.add(channel, core);
  socket.announce('subscribe', channel);
}

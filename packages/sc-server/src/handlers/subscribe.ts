import { InvalidActionError, closeCodes, type SubscribeFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { Subscription } from '../socket/subscriptions.js';

/**
 * Subscribes the client to every channel it names, each through the line `subscribe` on its own. Acks when the store
 * has them all; when some were refused, answers with the first refusal, and the others are subscribed all the same.
 */
export function handleSubscribe(core: SocketCore, frame: SubscribeFrame): Promise<void> | undefined {
  const { subscriptions, callId } = frame;
  const { parts } = core;
  if (!parts.limits.subscribeRate.spend(core, subscriptions.length)) {
    core.closeAtLimit('subscribeRate', closeCodes.policyViolation, 'Too many subscriptions');
    return undefined;
  }
  if (parts.options.secure && !parts.middleware.has('subscribe')) {
    respondError(core, callId, new InvalidActionError('Clients may not subscribe: no middleware allows it'));
    return undefined;
  }
  const outcomes: Promise<void>[] = [];
  let asked: Promise<void>[] | undefined;
  for (const request of subscriptions) {
    let requested: Pick<Subscription, 'asked' | 'ready'>;
    try {
      requested = core.ownSubscriptions.request(request);
    } catch (error) {
      outcomes.push(Promise.reject(error));
      continue;
    }
    outcomes.push(requested.ready);
    if (requested.asked !== undefined) (asked ??= []).push(requested.asked);
  }
  answer(core, frame, outcomes);
  return asked === undefined ? undefined : Promise.all(asked).then(() => undefined);
}

function answer(core: SocketCore, { callId, subscriptions }: SubscribeFrame, outcomes: Promise<void>[]): void {
  const takesBatches = subscriptions.some(({ batch }) => batch);
  void Promise.allSettled(outcomes).then((results) => {
    const refused = results.find((result) => result.status === 'rejected');
    if (takesBatches && callId !== undefined) core.writer.addAck(callId, refused?.reason);
    else if (refused === undefined) respond(core, callId);
    else respondError(core, callId, refused.reason);
  });
}

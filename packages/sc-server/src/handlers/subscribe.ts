import { InvalidActionError, closeCodes, type SubscribeFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';
import type { Answer, Subscription } from '../socket/subscription.js';

/**
 * Subscribes the client to each named channel, each through its own run of the line `subscribe`. Sends the ack when all
 * subscriptions are active. If some were refused, answers with the first refusal; the other channels are subscribed
 * nevertheless.
 */
export function handleSubscribe(core: SocketCore, frame: SubscribeFrame): Promise<void> | undefined {
  const { subscriptions, callId } = frame;
  const { parts } = core;
  if (!parts.limits.subscribeRate.spend(core, subscriptions.length)) {
    core.closeAtLimit('subscribeRate', closeCodes.policyViolation, 'Too many subscriptions');
    return undefined;
  }
  if (parts.options.secure && !parts.middleware.has('subscribe')) {
    parts.counters.refusals.secure += 1;
    respondError(core, callId, new InvalidActionError('Clients may not subscribe: no middleware allows it'));
    return undefined;
  }
  const answers = new SubscribeAnswers(core, frame);
  const outcomes: Promise<void>[] = [];
  let asked: Promise<void>[] | undefined;
  for (const request of subscriptions) {
    let requested: Pick<Subscription, 'asked' | 'ready'>;
    try {
      requested = core.ownSubscriptions.request(request, answers.answerOf(request.channel));
    } catch (error) {
      outcomes.push(Promise.reject(error));
      continue;
    }
    outcomes.push(requested.ready);
    if (requested.asked !== undefined) (asked ??= []).push(requested.asked);
  }
  void Promise.allSettled(outcomes).then((results) => {
    const refused = results.find((result) => result.status === 'rejected');
    answers.settle(refused && { reason: refused.reason });
  });
  return asked === undefined ? undefined : Promise.all(asked).then(() => undefined);
}

/**
 * Answers one `#subscribe`. For a single channel the response precedes its publications and carries the position that
 * they follow. For several channels there is one response when all are settled, and each position is sent in a frame of
 * its own.
 */
class SubscribeAnswers {
  readonly #core: SocketCore;
  readonly #frame: SubscribeFrame;
  readonly #takesBatches: boolean;
  #isAnswered = false;

  constructor(core: SocketCore, frame: SubscribeFrame) {
    this.#core = core;
    this.#frame = frame;
    this.#takesBatches = frame.subscriptions.some(({ batch }) => batch);
  }

  answerOf(channel: string): Answer {
    const { callId, subscriptions } = this.#frame;
    if (subscriptions.length === 1 && callId !== undefined) {
      return (ack) => {
        const position = this.#core.knowsPositions ? ack : undefined;
        const members = this.#core.subscriptions?.presence?.answer(channel);
        this.#answer(undefined, members === undefined ? position : { ...position, members });
      };
    }
    return (ack) => {
      if (ack === undefined || !this.#core.knowsPositions) return;
      this.#core.writer.sendFrame({ type: 'position', channel, epoch: ack.epoch, offset: ack.offset });
    };
  }

  settle(refused: { readonly reason: unknown } | undefined): void {
    if (!this.#isAnswered) this.#answer(refused);
  }

  #answer(refused: { readonly reason: unknown } | undefined, data?: object): void {
    const { callId } = this.#frame;
    this.#isAnswered = true;
    if (callId === undefined) return;
    if (this.#takesBatches) {
      this.#core.openCalls -= 1;
      this.#core.writer.addAck(callId, refused?.reason, data);
    } else if (refused === undefined) respond(this.#core, callId, data);
    else respondError(this.#core, callId, refused.reason);
  }
}

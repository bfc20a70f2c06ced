import { InvalidActionError, type PublishFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import { isInternalChannel } from '../channels/internal-channel.js';
import type { PublishInContext } from '../socket/middleware-contexts.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Passes a client's publication through the line `publishIn` to the store; acks when the store has it. */
export function handlePublish(core: SocketCore, frame: PublishFrame): Promise<void> | undefined {
  const { parts, socket } = core;
  const { callId, channel, data } = frame;
  if (!parts.options.allowClientPublish) {
    respondError(core, callId, new InvalidActionError('Client publish feature is disabled'));
    return undefined;
  }
  if (isInternalChannel(channel)) {
    respondError(core, callId, new InvalidActionError(`Clients cannot publish to "${channel}"`));
    return undefined;
  }
  if (!parts.middleware.has('publishIn')) {
    if (parts.options.secure) {
      respondError(core, callId, new InvalidActionError('Clients may not publish: no middleware allows it'));
      return undefined;
    }
    publish(core, frame, data);
    return undefined;
  }
  const context: PublishInContext = { line: 'publishIn', socket, channel, data, ackData: undefined, volatile: false };
  return parts.middleware.run(context).then(
    () => publish(core, frame, context.data, context),
    (error: unknown) => respondError(core, callId, error),
  );
}

type Outcome = Pick<PublishInContext, 'ackData' | 'volatile'>;

function publish(core: SocketCore, { callId, channel }: PublishFrame, data: unknown, outcome?: Outcome): void {
  const { channels, logger } = core.parts;
  const { exchange } = channels;
  if (callId === undefined) {
    // The client expects no ack, so the store need not answer. Failures are reported by the store's `error` event.
    try {
      exchange.publishWithoutAck(channel, data, outcome?.volatile);
    } catch (error) {
      logger.warn(`A publication to "${channel}" failed`, { error });
    }
    return;
  }
  exchange.publish(channel, data, outcome).then(
    () => respond(core, callId, outcome?.ackData),
    (error: unknown) => respondError(core, callId, error),
  );
}

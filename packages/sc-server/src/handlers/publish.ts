import type { PublishOptions, Published } from 'ndata-store';
import { InvalidActionError, type CallId, type PublishFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import { isInternalChannel } from '../channels/internal-channel.js';
import type { PublishInContext } from '../socket/middleware-contexts.js';
import type { RefusalRule } from '../metrics/server-counters.js';
import type { SocketCore } from '../socket/socket-core.js';

/**
 * Passes a client's publication through the line `publishIn` to the store, and sends the ack once the store has
 * accepted it.
 */
export function handlePublish(core: SocketCore, frame: PublishFrame): Promise<void> | undefined {
  const { parts, socket } = core;
  const { callId, channel, data } = frame;
  if (!parts.options.allowClientPublish) {
    refused(core, 'allowClientPublish');
    respondError(core, callId, new InvalidActionError('Client publish feature is disabled'));
    return undefined;
  }
  if (isInternalChannel(channel)) {
    refused(core, 'internalChannel');
    respondError(core, callId, new InvalidActionError(`Clients cannot publish to "${channel}"`));
    return undefined;
  }
  if (!parts.middleware.has('publishIn')) {
    if (parts.options.secure) {
      refused(core, 'secure');
      respondError(core, callId, new InvalidActionError('Clients may not publish: no middleware allows it'));
      return undefined;
    }
    publish(core, frame, data);
    return undefined;
  }
  const context: PublishInContext = { line: 'publishIn', socket, channel, data, ackData: undefined, volatile: false };
  return parts.middleware.run(context).then(
    () => publish(core, frame, context.data, context),
    (error: unknown) => {
      // The line has already counted the refusal itself; count only the refused publication.
      parts.counters.publications.refused += 1;
      respondError(core, callId, error);
    },
  );
}

function refused({ parts }: SocketCore, rule: RefusalRule): void {
  parts.counters.publications.refused += 1;
  parts.counters.refusals[rule] += 1;
}

type Outcome = Pick<PublishInContext, 'ackData' | 'volatile'>;

function publish(core: SocketCore, frame: PublishFrame, data: unknown, outcome?: Outcome): void {
  const { callId, channel } = frame;
  const { channels, counters, logger } = core.parts;
  const { exchange } = channels;
  if (callId === undefined) {
    core.noteUnacked(channel);
    // The client expects no ack, so the store need not answer. Failures are reported by the store's `error` event.
    try {
      exchange.publishWithoutAck(channel, data, outcome?.volatile);
      counters.publications.accepted += 1;
    } catch (error) {
      counters.publications.failed += 1;
      logger.warn(`A publication to "${channel}" failed`, { error });
    }
    return;
  }
  exchange.publishOnce(channel, data, { volatile: outcome?.volatile === true, ...onceOf(core, frame) }).then(
    (published) => {
      counters.publications.accepted += 1;
      respondPublished(core, callId, outcome?.ackData, published);
    },
    (error: unknown) => {
      counters.publications.failed += 1;
      respondError(core, callId, error);
    },
  );
}

/** How the store recognizes a publication that this client retries. Numbers and ids are scoped to one publisher. */
function onceOf(
  { publisher }: SocketCore,
  { seq, id }: PublishFrame,
): Pick<PublishOptions, 'publisher' | 'seq' | 'id'> {
  if (publisher === undefined) return {};
  if (seq !== undefined) return { publisher, seq };
  return id === undefined ? {} : { id: `${publisher} ${id}` };
}

function respondPublished(core: SocketCore, callId: CallId, data: unknown, published: Published): void {
  if (published === undefined || !(core.knowsPositions || published.duplicate)) {
    respond(core, callId, data);
    return;
  }
  const { epoch, offset, duplicate } = published;
  respond(core, callId, data, {
    ...(epoch !== '' && { position: { epoch, offset } }),
    ...(duplicate && { duplicate }),
  });
}

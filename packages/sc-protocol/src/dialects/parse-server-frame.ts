import type { CallId, GapReason, PublicationPosition, ServerFrame, SubscribeAck } from '../frames.js';
import { isObject } from '../is-object.js';
import { invalidFrame } from './invalid-frame.js';
import { type Fields, checkName, checkObject, isWhole, parseFrame, parsePosition, textOf } from './parse-frame.js';

/** Wire value → frame of a server. Throws `InvalidFrameError` for a reserved frame that violates the protocol. */
export function parseServerFrame(value: unknown): ServerFrame {
  return parseFrame(value, parseReserved);
}

function parseReserved(event: string, data: unknown, callId: CallId | undefined): ServerFrame | undefined {
  switch (event) {
    case '#publish': {
      const fields = checkObject(data, event, callId);
      const { channel, data: published } = fields;
      return {
        type: 'publication',
        channel: checkName(channel, event, 'channel', callId),
        data: published,
        ...(fields['offset'] !== undefined && publicationPosition(fields)),
      };
    }
    case '#position': {
      const fields = checkObject(data, event, callId);
      const { channel, reason } = fields;
      const position = parsePosition(fields);
      if (position === undefined) throw invalidFrame(event, 'data', 'must hold epoch and offset', undefined, callId);
      return {
        type: 'position',
        channel: checkName(channel, event, 'channel', callId),
        ...position,
        ...(reason !== undefined && { reason: textOf(reason) as GapReason }),
      };
    }
    case '#subscribe': {
      const { channel, waitForAuth, ack } = checkObject(data, event, callId);
      return {
        type: 'subscribed',
        channel: checkName(channel, event, 'channel', callId),
        ...(waitForAuth === true && { waitForAuth }),
        // The reader treats a malformed position as absent, as in a subscribe ack.
        ...(isObject(ack) && { ack: ack as unknown as SubscribeAck }),
      };
    }
    case '#kickOut': {
      const { channel, message, waitForAuth } = checkObject(data, event, callId);
      return {
        type: 'kickOut',
        channel: checkName(channel, event, 'channel', callId),
        message: textOf(message),
        ...(waitForAuth === true && { waitForAuth }),
      };
    }
    case '#setAuthToken': {
      const { token } = checkObject(data, event, callId);
      if (typeof token !== 'string') throw invalidFrame(event, 'data.token', 'must be a string', token, callId);
      return { type: 'setAuthToken', authToken: token, callId };
    }
    case '#removeAuthToken':
      return { type: 'removeAuthToken', callId };
    default:
      return undefined;
  }
}

/** Malformed fields count as absent. */
function publicationPosition({ offset, prev, epoch }: Fields): PublicationPosition {
  return {
    ...(isWhole(offset) && { offset }),
    ...(isWhole(prev) && { prev }),
    ...(typeof epoch === 'string' && { epoch }),
  };
}

import type { CallId, ServerFrame } from '../frames.js';
import { invalidFrame } from './invalid-frame.js';
import { checkName, checkObject, parseFrame, textOf } from './parse-frame.js';

/** Wire value → what a server said. Throws `InvalidFrameError` for a reserved frame that breaks the protocol. */
export function parseServerFrame(value: unknown): ServerFrame {
  return parseFrame(value, parseReserved);
}

function parseReserved(event: string, data: unknown, callId: CallId | undefined): ServerFrame | undefined {
  switch (event) {
    case '#publish': {
      const { channel, data: published } = checkObject(data, event, callId);
      return { type: 'publication', channel: checkName(channel, event, 'channel', callId), data: published };
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

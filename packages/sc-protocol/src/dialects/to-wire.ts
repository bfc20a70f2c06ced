import type { ClientFrame, ServerFrame } from '../frames.js';
import { clientFrameToWire } from './client-to-wire.js';
import { wireEvent } from './wire-event.js';

/** Frame → wire value, without fields that are not set. Hot path: one object for the frame, one for its data. */
export function toWire(frame: ClientFrame | ServerFrame): unknown {
  switch (frame.type) {
    case 'publication':
      return wireEvent('#publish', { channel: frame.channel, data: frame.data });
    case 'kickOut':
      if (frame.waitForAuth !== true) {
        return wireEvent('#kickOut', { channel: frame.channel, message: frame.message });
      }
      return wireEvent('#kickOut', { channel: frame.channel, message: frame.message, waitForAuth: true });
    case 'setAuthToken':
      return wireEvent('#setAuthToken', { token: frame.authToken }, frame.callId);
    case 'removeAuthToken':
      return wireEvent('#removeAuthToken', undefined, frame.callId);
    case 'ping':
      return '';
    default:
      return clientFrameToWire(frame);
  }
}

import type { ClientFrame, SubscribeRequest } from '../frames.js';
import { wireEvent } from './wire-event.js';

/** What a client says → wire value, without fields that are not set. Hot path: one object for the frame, one for its data. */
export function clientFrameToWire(frame: ClientFrame): unknown {
  switch (frame.type) {
    case 'publish':
      return wireEvent('#publish', { channel: frame.channel, data: frame.data }, frame.callId);
    case 'event':
      return wireEvent(frame.name, frame.data, frame.callId);
    case 'response':
      if (frame.error === undefined) return { rid: frame.responseId, data: frame.data };
      return { rid: frame.responseId, error: frame.error, data: frame.data };
    case 'handshake': {
      const { authToken, client, features, callId } = frame;
      return wireEvent('#handshake', { authToken, ...(client && { client, features }) }, callId);
    }
    case 'authenticate':
      return wireEvent('#authenticate', frame.authToken, frame.callId);
    case 'deauthenticate':
      return wireEvent('#removeAuthToken', undefined, frame.callId);
    case 'subscribe':
      return wireEvent('#subscribe', single(frame.subscriptions.map(subscribeRequest)), frame.callId);
    case 'unsubscribe':
      return wireEvent('#unsubscribe', single(frame.channels), frame.callId);
    case 'disconnect':
      return wireEvent('#disconnect', { code: frame.code, data: frame.reason });
    case 'raw':
      return frame.value;
    case 'pong':
      return '';
    default:
      return frame satisfies never;
  }
}

function subscribeRequest({ waitForAuth, ...rest }: SubscribeRequest): object {
  return waitForAuth ? { ...rest, waitForAuth } : rest;
}

function single<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? (items[0] as Item) : items;
}

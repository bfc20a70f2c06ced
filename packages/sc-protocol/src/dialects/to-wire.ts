import type { CallId, ClientFrame, ServerFrame, SubscribeRequest } from '../frames.js';

/** Frame → wire value, without fields that are not set. Hot path: one object for the frame, one for its data. */
export function toWire(frame: ClientFrame | ServerFrame): unknown {
  switch (frame.type) {
    case 'publish':
      return event('#publish', { channel: frame.channel, data: frame.data }, frame.callId);
    case 'publication':
      return event('#publish', { channel: frame.channel, data: frame.data });
    case 'event':
      return event(frame.name, frame.data, frame.callId);
    case 'response':
      if (frame.error === undefined) return { rid: frame.responseId, data: frame.data };
      return { rid: frame.responseId, error: frame.error, data: frame.data };
    case 'handshake': {
      const { authToken, client, features, callId } = frame;
      return event('#handshake', { authToken, ...(client && { client, features }) }, callId);
    }
    case 'authenticate':
      return event('#authenticate', frame.authToken, frame.callId);
    case 'deauthenticate':
    case 'removeAuthToken':
      return event('#removeAuthToken', undefined, frame.callId);
    case 'subscribe':
      return event('#subscribe', single(frame.subscriptions.map(subscribeRequest)), frame.callId);
    case 'unsubscribe':
      return event('#unsubscribe', single(frame.channels), frame.callId);
    case 'kickOut':
      return event('#kickOut', { channel: frame.channel, message: frame.message });
    case 'setAuthToken':
      return event('#setAuthToken', { token: frame.authToken }, frame.callId);
    case 'disconnect':
      return event('#disconnect', { code: frame.code, data: frame.reason });
    case 'raw':
      return frame.value;
    case 'ping':
    case 'pong':
      return '';
    default:
      return frame satisfies never;
  }
}

function event(name: string, data: unknown, callId?: CallId): object {
  if (callId === undefined) return data === undefined ? { event: name } : { event: name, data };
  return { event: name, data, cid: callId };
}

function subscribeRequest({ waitForAuth, ...rest }: SubscribeRequest): object {
  return waitForAuth ? { ...rest, waitForAuth } : rest;
}

function single<Item>(items: readonly Item[]): Item | readonly Item[] {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : items;
}

import type { CallId, ClientFrame, ServerFrame, SubscribeRequest } from '../frames.js';

/** Frame → wire value, without fields that are not set. */
export function toWire(frame: ClientFrame | ServerFrame): unknown {
  switch (frame.type) {
    case 'publish':
    case 'publication': {
      const data = { channel: frame.channel, data: frame.data };
      return event('#publish', data, frame.type === 'publish' ? frame.callId : undefined);
    }
    case 'event':
      return event(frame.name, frame.data, frame.callId);
    case 'response':
      if (frame.error === undefined) return { rid: frame.responseId, data: frame.data };
      return { rid: frame.responseId, error: frame.error, data: frame.data };
    case 'handshake': {
      const { authToken, client, features } = frame;
      return event('#handshake', client === undefined ? { authToken } : { authToken, client, features }, frame.callId);
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
      return event('#kickOut', { channel: frame.channel, message: frame.message }, undefined);
    case 'setAuthToken':
      return event('#setAuthToken', { token: frame.authToken }, frame.callId);
    case 'disconnect':
      return event('#disconnect', { code: frame.code, data: frame.reason }, undefined);
    case 'raw':
      return frame.value;
    case 'ping':
    case 'pong':
      return '';
    default:
      return frame satisfies never;
  }
}

function event(name: string, data: unknown, callId: CallId | undefined): object {
  if (callId === undefined) return data === undefined ? { event: name } : { event: name, data };
  return { event: name, data, cid: callId };
}

function subscribeRequest({ channel, waitForAuth, data }: SubscribeRequest): object {
  if (!waitForAuth && data === undefined) return { channel };
  return { channel, ...(waitForAuth && { waitForAuth }), ...(data !== undefined && { data }) };
}

function single<Item>(items: readonly Item[]): Item | readonly Item[] {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : items;
}

import type { CallId, ClientFrame, ClientInfo, ServerFrame, SubscribeRequest } from '../frames.js';

/** One function for each frame: the wire value, without fields that are not set. Nothing else spells a frame. */

export function eventFrame(name: string, data: unknown, callId?: CallId): object {
  if (callId === undefined) return data === undefined ? { event: name } : { event: name, data };
  return { event: name, data, cid: callId };
}

export function answerFrame(responseId: CallId, data: unknown): object {
  return { rid: responseId, data };
}

export function refusalFrame(responseId: CallId, error: unknown, data?: unknown): object {
  return { rid: responseId, error, data };
}

export function handshakeFrame(
  authToken: unknown,
  client: ClientInfo | undefined,
  features: readonly string[],
  callId: CallId,
): object {
  return eventFrame('#handshake', { authToken, ...(client && { client, features }) }, callId);
}

export function authenticateFrame(authToken: unknown, callId?: CallId): object {
  return eventFrame('#authenticate', authToken, callId);
}

/** The same in both directions. */
export function removeAuthTokenFrame(callId?: CallId): object {
  return eventFrame('#removeAuthToken', undefined, callId);
}

export function subscribeFrame(subscriptions: object, callId?: CallId): object {
  return eventFrame('#subscribe', subscriptions, callId);
}

export function unsubscribeFrame(channels: string | readonly string[], callId?: CallId): object {
  return eventFrame('#unsubscribe', channels, callId);
}

/** A publish of a client, or a publication to one. */
export function publishFrame(channel: string, data: unknown, callId?: CallId): object {
  return eventFrame('#publish', { channel, data }, callId);
}

/** The JSON of a publication up to its data, which follows if there is any. Then come two closing braces. */
export function publicationText(channel: string, hasData: boolean): string {
  const start = `{"event":"#publish","data":{"channel":${JSON.stringify(channel)}`;
  return hasData ? `${start},"data":` : start;
}

export function disconnectFrame(code: number, reason: string): object {
  return eventFrame('#disconnect', { code, data: reason });
}

/** What a client says → wire value. Hot path: one object for the frame, one for its data. */
function clientFrameToWire(frame: ClientFrame): unknown {
  switch (frame.type) {
    case 'publish':
      return publishFrame(frame.channel, frame.data, frame.callId);
    case 'event':
      return eventFrame(frame.name, frame.data, frame.callId);
    case 'response':
      if (frame.error === undefined) return answerFrame(frame.responseId, frame.data);
      return refusalFrame(frame.responseId, frame.error, frame.data);
    case 'handshake':
      return handshakeFrame(frame.authToken, frame.client, frame.features, frame.callId);
    case 'authenticate':
      return authenticateFrame(frame.authToken, frame.callId);
    case 'deauthenticate':
      return removeAuthTokenFrame(frame.callId);
    case 'subscribe':
      return subscribeFrame(single(frame.subscriptions.map(subscribeRequest)), frame.callId);
    case 'unsubscribe':
      return unsubscribeFrame(single(frame.channels), frame.callId);
    case 'disconnect':
      return disconnectFrame(frame.code, frame.reason);
    case 'raw':
      return frame.value;
    case 'pong':
      return '';
    default:
      return frame satisfies never;
  }
}

/** Frame → wire value. Hot path: one object for the frame, one for its data. */
export function toWire(frame: ClientFrame | ServerFrame): unknown {
  switch (frame.type) {
    case 'publication':
      return publishFrame(frame.channel, frame.data);
    case 'kickOut': {
      const { channel, message, waitForAuth } = frame;
      return eventFrame('#kickOut', waitForAuth ? { channel, message, waitForAuth } : { channel, message });
    }
    case 'setAuthToken':
      return eventFrame('#setAuthToken', { token: frame.authToken }, frame.callId);
    case 'removeAuthToken':
      return removeAuthTokenFrame(frame.callId);
    case 'ping':
      return '';
    default:
      return clientFrameToWire(frame);
  }
}

function subscribeRequest({ waitForAuth, ...rest }: SubscribeRequest): object {
  return waitForAuth ? { ...rest, waitForAuth } : rest;
}

function single<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? (items[0] as Item) : items;
}

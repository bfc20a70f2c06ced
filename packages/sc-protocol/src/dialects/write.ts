import type {
  CallId,
  ClientFrame,
  ClientInfo,
  EventFrame,
  HistoryFrame,
  MembersFrame,
  PublicationPosition,
  PublishFrame,
  ResponseFrame,
  ServerFrame,
  SubscribeRequest,
} from '../frames.js';
import type { PresenceChange } from '../presence.js';

/** One function for each frame: builds the wire value, without unset fields. Frames are encoded only here. */

export function eventFrame(name: string, data: unknown, callId?: CallId): object {
  if (callId === undefined) return data === undefined ? { event: name } : { event: name, data };
  return { event: name, data, cid: callId };
}

/** Wire value of a successful response. */
export function answerFrame(responseId: CallId, data: unknown): object {
  return { rid: responseId, data };
}

/** Wire value of a failed response. */
export function refusalFrame(responseId: CallId, error: unknown, data?: unknown): object {
  return { rid: responseId, error, data };
}

/** Wire value of a handshake. */
export function handshakeFrame(
  authToken: unknown,
  client: ClientInfo | undefined,
  features: readonly string[],
  callId: CallId,
  publisher?: string,
): object {
  const announced = client && { client, features, ...(publisher !== undefined && { publisher }) };
  return eventFrame('#handshake', { authToken, ...announced }, callId);
}

/** Wire value of a frame that presents an auth token. */
export function authenticateFrame(authToken: unknown, callId?: CallId): object {
  return eventFrame('#authenticate', authToken, callId);
}

/** Wire value of the removal of an auth token, in either direction. */
export function removeAuthTokenFrame(callId?: CallId): object {
  return eventFrame('#removeAuthToken', undefined, callId);
}

/** Wire value of a subscribe frame. */
export function subscribeFrame(subscriptions: object, callId?: CallId): object {
  return eventFrame('#subscribe', subscriptions, callId);
}

/** Wire value of an unsubscribe frame. */
export function unsubscribeFrame(channels: string | readonly string[], callId?: CallId): object {
  return eventFrame('#unsubscribe', channels, callId);
}

/**
 * Wire value of a publish by a client, or of a publication to one. `once` identifies retries of the same publication.
 */
export function publishFrame(
  channel: string,
  data: unknown,
  callId?: CallId,
  once?: Pick<PublishFrame, 'seq' | 'id'>,
): object {
  return eventFrame('#publish', { channel, ...once, data }, callId);
}

/** Wire value of a history request. */
export function historyFrame(
  query: Pick<HistoryFrame, 'channel' | 'since' | 'before' | 'limit'>,
  callId?: CallId,
): object {
  return eventFrame('#history', query, callId);
}

/** The event that carries a `PresenceChange`. */
export const presenceEvent = '#presence';

/** Wire value of a client's info in a channel. */
export function presenceFrame(channel: string, info: unknown, callId?: CallId): object {
  return eventFrame(presenceEvent, { channel, info }, callId);
}

/** Wire value of a request for members. */
export function membersFrame(query: Pick<MembersFrame, 'channel' | 'after' | 'limit'>, callId?: CallId): object {
  return eventFrame('#members', query, callId);
}

/** A change of a channel's members, for clients that requested the members. */
export function presenceChange(change: PresenceChange): EventFrame {
  return { type: 'event', name: presenceEvent, data: change, callId: undefined };
}

/** JSON of a response; `data` is already JSON. Hot path. */
export function answerText(responseId: CallId, data?: string): string {
  return data === undefined ? `{"rid":${responseId}}` : `{"rid":${responseId},"data":${data}}`;
}

/** JSON of a publication up to its data, which follows if there is any, then two closing braces. Hot path. */
export function publicationText(channel: string, hasData: boolean, position?: PublicationPosition): string {
  let start = `{"event":"#publish","data":{"channel":${JSON.stringify(channel)}`;
  if (position?.offset !== undefined) start += positionText(position);
  return hasData ? `${start},"data":` : start;
}

function positionText({ offset, prev, epoch }: PublicationPosition): string {
  const place = prev === undefined ? `,"offset":${offset}` : `,"offset":${offset},"prev":${prev}`;
  return epoch === undefined ? place : `${place},"epoch":${JSON.stringify(epoch)}`;
}

/** Wire value of a publication to a client, with its position before its data, as in {@link publicationText}. */
function publicationFrame(channel: string, data: unknown, { offset, prev, epoch }: PublicationPosition): object {
  if (offset === undefined) return publishFrame(channel, data);
  const position = { offset, ...(prev !== undefined && { prev }), ...(epoch !== undefined && { epoch }) };
  return eventFrame('#publish', { channel, ...position, data });
}

/** Wire value of the announcement of a close, in dialects up to v1. */
export function disconnectFrame(code: number, reason: string): object {
  return eventFrame('#disconnect', { code, data: reason });
}

/** Client frame → wire value. Hot path: one object for the frame, one for its data. */
function clientFrameToWire(frame: ClientFrame): unknown {
  switch (frame.type) {
    case 'publish':
      return publishFrame(frame.channel, frame.data, frame.callId, onceOf(frame));
    case 'history': {
      const { channel, since, before, limit } = frame;
      const place = { ...(since && { since }), ...(before && { before }) };
      return historyFrame({ channel, ...place, ...(limit !== undefined && { limit }) }, frame.callId);
    }
    case 'presence':
      return presenceFrame(frame.channel, frame.info, frame.callId);
    case 'members': {
      const { channel, after, limit } = frame;
      const place = { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) };
      return membersFrame({ channel, ...place }, frame.callId);
    }
    case 'event':
      return eventFrame(frame.name, frame.data, frame.callId);
    case 'response':
      if (frame.error !== undefined) return refusalFrame(frame.responseId, frame.error, frame.data);
      if (frame.position === undefined && frame.duplicate === undefined)
        return answerFrame(frame.responseId, frame.data);
      return publishedFrame(frame);
    case 'handshake':
      return handshakeFrame(frame.authToken, frame.client, frame.features, frame.callId, frame.publisher);
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
      return publicationFrame(frame.channel, frame.data, frame);
    case 'position': {
      const { channel, epoch, offset, reason } = frame;
      return eventFrame('#position', { channel, epoch, offset, ...(reason !== undefined && { reason }) });
    }
    case 'subscribed': {
      const { channel, waitForAuth, ack } = frame;
      return subscribeFrame({ channel, ...(waitForAuth && { waitForAuth }), ...(ack && { ack }) });
    }
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

function onceOf({ seq, id }: PublishFrame): Pick<PublishFrame, 'seq' | 'id'> | undefined {
  if (seq === undefined && id === undefined) return undefined;
  return { ...(seq !== undefined && { seq }), ...(id !== undefined && { id }) };
}

/** Wire value of a publish ack with the publication's position. */
function publishedFrame({ responseId, data, position, duplicate }: ResponseFrame): object {
  return { rid: responseId, data, ...(position && { position }), ...(duplicate && { duplicate }) };
}

function single<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? (items[0] as Item) : items;
}

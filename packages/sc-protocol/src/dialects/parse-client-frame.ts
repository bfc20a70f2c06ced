import type { CallId, ClientFrame, ClientInfo, SubscribeRequest } from '../frames.js';
import { maxListed } from './batch.js';
import { invalidFrame } from './invalid-frame.js';
import { type Fields, checkName, checkObject, fieldsOf, parseFrame } from './parse-frame.js';

/** Most characters kept of a client's name or version. */
const maxInfoLength = 64;

/** Wire value → what a client said. Throws `InvalidFrameError` for a reserved frame that breaks the protocol. */
export function parseClientFrame(value: unknown): ClientFrame {
  return parseFrame(value, parseReserved);
}

function parseReserved(event: string, data: unknown, callId: CallId | undefined): ClientFrame | undefined {
  switch (event) {
    case '#publish': {
      const { channel, data: published } = checkObject(data, event, callId);
      return { type: 'publish', callId, channel: checkName(channel, event, 'channel', callId), data: published };
    }
    case '#subscribe':
      return { type: 'subscribe', callId, subscriptions: parseList(data, event, callId, parseSubscription) };
    case '#unsubscribe':
      return { type: 'unsubscribe', callId, channels: parseList(data, event, callId, parseChannel) };
    case '#handshake':
      return parseHandshake(fieldsOf(data), callId);
    case '#authenticate':
      return { type: 'authenticate', callId, authToken: data };
    case '#removeAuthToken':
      return { type: 'deauthenticate', callId };
    default:
      return undefined;
  }
}

function parseHandshake({ authToken, client, features }: Fields, callId: CallId | undefined): ClientFrame {
  if (callId === undefined) throw invalidFrame('#handshake', 'cid', 'must be a whole number');
  const listed = Array.isArray(features) ? features.slice(0, maxListed) : [];
  const info = parseClientInfo(fieldsOf(client));
  return {
    type: 'handshake',
    callId,
    authToken,
    features: listed.filter((one): one is string => typeof one === 'string'),
    ...(info && { client: info }),
  };
}

function parseClientInfo({ name, version }: Fields): ClientInfo | undefined {
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name: name.slice(0, maxInfoLength), version: version.slice(0, maxInfoLength) };
}

function parseSubscription(item: unknown, event: string, callId: CallId | undefined): SubscribeRequest {
  const { waitForAuth, data, batch } = fieldsOf(item);
  return {
    channel: parseChannel(item, event, callId),
    waitForAuth: waitForAuth === true,
    ...(data !== undefined && { data }),
    ...(batch === true && { batch }),
  };
}

/** Early clients name the channel, later ones wrap it. */
function parseChannel(item: unknown, event: string, callId: CallId | undefined): string {
  return checkName(
    typeof item === 'string' ? item : checkObject(item, event, callId)['channel'],
    event,
    'channel',
    callId,
  );
}

function parseList<Item>(
  data: unknown,
  event: string,
  callId: CallId | undefined,
  parse: (item: unknown, event: string, callId: CallId | undefined) => Item,
): Item[] {
  const items: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (items.length > maxListed)
    throw invalidFrame(
      event,
      'data',
      `must list at most ${maxListed} channels, got ${items.length}`,
      undefined,
      callId,
    );
  return items.map((item) => parse(item, event, callId));
}

import type { CallId, ClientFrame, ClientInfo, Position, Rewind, SubscribeRequest } from '../frames.js';
import { isObject } from '../is-object.js';
import { maxListed } from './batch.js';
import { invalidFrame } from './invalid-frame.js';
import { type Fields, checkName, checkObject, fieldsOf, parseFrame } from './parse-frame.js';

/** Maximum number of characters kept of a client's name or version. */
const maxInfoLength = 64;

/** Maximum length of an epoch, publisher or publication id, in characters. */
const maxIdLength = 64;

/** Wire value → frame of a client. Throws `InvalidFrameError` for a reserved frame that violates the protocol. */
export function parseClientFrame(value: unknown): ClientFrame {
  return parseFrame(value, parseReserved);
}

function parseReserved(event: string, data: unknown, callId: CallId | undefined): ClientFrame | undefined {
  switch (event) {
    case '#publish': {
      const { channel, data: published, seq, id } = checkObject(data, event, callId);
      const name = checkName(channel, event, 'channel', callId);
      if (!isGiven(seq) && !isGiven(id)) return { type: 'publish', callId, channel: name, data: published };
      return {
        type: 'publish',
        callId,
        channel: name,
        data: published,
        ...(isGiven(seq) && { seq: checkWhole(seq, event, 'seq', callId) }),
        ...(isGiven(id) && { id: checkId(id, event, 'id', callId) }),
      };
    }
    case '#history':
      return parseHistory(checkObject(data, event, callId), event, callId);
    case '#presence': {
      const { channel, info = null } = checkObject(data, event, callId);
      return { type: 'presence', callId, channel: checkName(channel, event, 'channel', callId), info };
    }
    case '#members': {
      const { channel, after, limit } = checkObject(data, event, callId);
      if (isGiven(after) && typeof after !== 'string') {
        throw invalidFrame(event, 'after', 'must be a string', after, callId);
      }
      return {
        type: 'members',
        callId,
        channel: checkName(channel, event, 'channel', callId),
        ...(typeof after === 'string' && { after }),
        ...(isGiven(limit) && { limit: checkWhole(limit, event, 'limit', callId) }),
      };
    }
    case '#subscribe':
      return { type: 'subscribe', callId, subscriptions: parseSubscriptions(data, event, callId) };
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

function parseHistory(
  { channel, since, before, limit }: Fields,
  event: string,
  callId: CallId | undefined,
): ClientFrame {
  return {
    type: 'history',
    callId,
    channel: checkName(channel, event, 'channel', callId),
    ...(isGiven(since) && { since: checkPosition(since, event, 'since', callId) }),
    ...(isGiven(before) && { before: checkPosition(before, event, 'before', callId) }),
    ...(isGiven(limit) && { limit: checkWhole(limit, event, 'limit', callId) }),
  };
}

function parseHandshake({ authToken, client, features, publisher }: Fields, callId: CallId | undefined): ClientFrame {
  if (callId === undefined) throw invalidFrame('#handshake', 'cid', 'must be a whole number');
  const listed = Array.isArray(features) ? features.slice(0, maxListed) : [];
  const info = parseClientInfo(fieldsOf(client));
  return {
    type: 'handshake',
    callId,
    authToken,
    features: listed.filter((one): one is string => typeof one === 'string'),
    ...(info && { client: info }),
    ...(isId(publisher) && { publisher }),
  };
}

function parseClientInfo({ name, version }: Fields): ClientInfo | undefined {
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name: name.slice(0, maxInfoLength), version: version.slice(0, maxInfoLength) };
}

/** A list may only hold plain subscriptions: its response has no place for the ack of each channel. */
function parseSubscriptions(data: unknown, event: string, callId: CallId | undefined): SubscribeRequest[] {
  const requests = parseList(data, event, callId, parseSubscription);
  if (requests.length < 2) return requests;
  for (const field of ['since', 'rewind', 'members'] as const) {
    if (requests.some((request) => request[field] !== undefined)) {
      throw invalidFrame(event, field, 'must be in a request for one channel', undefined, callId);
    }
  }
  return requests;
}

function parseSubscription(item: unknown, event: string, callId: CallId | undefined): SubscribeRequest {
  const { waitForAuth, data, batch, since, rewind, join, members } = fieldsOf(item);
  return {
    channel: parseChannel(item, event, callId),
    waitForAuth: waitForAuth === true,
    ...(data !== undefined && { data }),
    ...(batch === true && { batch }),
    ...(isGiven(since) && { since: checkPosition(since, event, 'since', callId) }),
    ...(isGiven(rewind) && { rewind: checkRewind(rewind, event, callId) }),
    ...(isGiven(join) && join !== false && { join: checkJoin(join, event, callId) }),
    ...(isGiven(members) && members !== false && { members: checkMembers(members, event, callId) }),
  };
}

/** Codecs without `undefined` send `null` instead. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxIdLength;
}

function checkId(value: unknown, event: string, field: string, callId: CallId | undefined): string {
  if (isId(value)) return value;
  throw invalidFrame(event, field, `must be a string of 1 to ${maxIdLength} characters`, value, callId);
}

function checkWhole(value: unknown, event: string, field: string, callId: CallId | undefined, min = 1): number {
  if (Number.isSafeInteger(value) && (value as number) >= min) return value as number;
  throw invalidFrame(event, field, `must be a whole number from ${min} on`, value, callId);
}

function checkPosition(value: unknown, event: string, field: string, callId: CallId | undefined): Position {
  const { epoch, offset } = fieldsOf(value);
  return {
    epoch: checkId(epoch, event, `${field}.epoch`, callId),
    offset: checkWhole(offset, event, `${field}.offset`, callId, 0),
  };
}

function checkJoin(value: unknown, event: string, callId: CallId | undefined): true | { readonly info?: unknown } {
  if (value === true) return value;
  if (!isObject(value)) throw invalidFrame(event, 'join', 'must be true or an object', value, callId);
  const { info } = value;
  return isGiven(info) ? { info } : {};
}

function checkMembers(value: unknown, event: string, callId: CallId | undefined): true | 'count' {
  if (value === true || value === 'count') return value;
  throw invalidFrame(event, 'members', 'must be true or "count"', value, callId);
}

function checkRewind(value: unknown, event: string, callId: CallId | undefined): Rewind {
  if (!isObject(value)) return checkWhole(value, event, 'rewind', callId);
  const { count, ms } = value;
  return {
    ...(count !== undefined && { count: checkWhole(count, event, 'rewind.count', callId) }),
    ...(ms !== undefined && { ms: checkWhole(ms, event, 'rewind.ms', callId) }),
  };
}

/** Early clients send the bare channel name, later ones wrap it in an object. */
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
      'listLength',
    );
  return items.map((item) => parse(item, event, callId));
}

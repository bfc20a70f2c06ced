import type {
  CallId,
  ClientFrame,
  ClientInfo,
  DisconnectFrame,
  EventFrame,
  RawFrame,
  ResponseFrame,
  ServerFrame,
  SubscribeRequest,
} from '../frames.js';
import { nameProblem } from '../names.js';
import { maxListed } from './batch.js';
import { invalidFrame } from './invalid-frame.js';

type Fields = Readonly<Record<string, unknown>>;
type SharedFrame = EventFrame | ResponseFrame | DisconnectFrame | RawFrame;

/** Most characters kept of a client's name or version. */
const maxInfoLength = 64;

export function parseClientFrame(value: unknown): ClientFrame {
  return parseFrame(value, parseReservedOfClient);
}

export function parseServerFrame(value: unknown): ServerFrame {
  return parseFrame(value, parseReservedOfServer);
}

/** Hot path: one look at `event`, then one object for the frame. */
function parseFrame<Frame>(
  value: unknown,
  parseReserved: (event: string, data: unknown, callId: CallId | undefined) => Frame | undefined,
): Frame | SharedFrame {
  const wire = fieldsOf(value);
  const { event, data } = wire;
  if (typeof event !== 'string') return parseResponse(wire) ?? { type: 'raw', value };
  const callId = parseCallId(wire['cid']);
  if (event.startsWith('#')) {
    const frame = parseReserved(event, data, callId);
    if (frame !== undefined) return frame;
    if (event === '#disconnect') return parseDisconnect(fieldsOf(data));
  }
  return { type: 'event', name: checkName(event, 'event', 'event', callId), data, callId };
}

function parseReservedOfClient(event: string, data: unknown, callId: CallId | undefined): ClientFrame | undefined {
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

function parseReservedOfServer(event: string, data: unknown, callId: CallId | undefined): ServerFrame | undefined {
  switch (event) {
    case '#publish': {
      const { channel, data: published } = checkObject(data, event, callId);
      return { type: 'publication', channel: checkName(channel, event, 'channel', callId), data: published };
    }
    case '#kickOut': {
      const { channel, message } = checkObject(data, event, callId);
      return { type: 'kickOut', channel: checkName(channel, event, 'channel', callId), message: textOf(message) };
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

function parseDisconnect({ code, data }: Fields): DisconnectFrame {
  const isCode = Number.isInteger(code) && (code as number) >= 1000 && (code as number) < 5000;
  return { type: 'disconnect', code: isCode ? (code as number) : 1000, reason: textOf(data) };
}

function parseResponse({ rid, data, error }: Fields): ResponseFrame | undefined {
  const responseId = parseCallId(rid);
  if (responseId === undefined) return undefined;
  return { type: 'response', responseId, data, ...(error !== undefined && error !== null && { error }) };
}

/** A call id that is no whole number is none: the frame wants no answer that could be given. */
function parseCallId(value: unknown): CallId | undefined {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
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

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function checkObject(value: unknown, event: string, callId: CallId | undefined): Fields {
  if (typeof value !== 'object' || value === null)
    throw invalidFrame(event, 'data', 'must be an object', value, callId);
  return value as Fields;
}

function checkName(name: unknown, frame: string, field: string, callId: CallId | undefined): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw invalidFrame(frame, field, problem, name, callId);
  return name as string;
}

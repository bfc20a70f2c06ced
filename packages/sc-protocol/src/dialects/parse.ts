import { InvalidFrameError } from '../errors.js';
import type {
  CallId,
  ClientFrame,
  ClientInfo,
  EventFrame,
  ResponseFrame,
  ServerFrame,
  SubscribeRequest,
} from '../frames.js';
import { nameProblem } from '../names.js';

type Fields = Readonly<Record<string, unknown>>;

/** Most features or channels that one frame may name; more are refused before they are looked at. */
const maxListed = 1024;

/** Hot path: one look at `event`, then one object for the frame. */
export function parseClientFrame(value: unknown): ClientFrame {
  if (typeof value !== 'object' || value === null) return { type: 'raw', value };
  const wire = value as Fields;
  const event = wire['event'];
  if (typeof event !== 'string') return parseResponse(wire) ?? { type: 'raw', value };
  const callId = parseCallId(wire['cid']);
  switch (event) {
    case '#publish': {
      const data = objectField(wire['data'], event, callId);
      return { type: 'publish', callId, channel: channelField(data['channel'], event, callId), data: data['data'] };
    }
    case '#subscribe':
      return { type: 'subscribe', callId, subscriptions: listField(wire['data'], callId, event, parseSubscribe) };
    case '#unsubscribe':
      return { type: 'unsubscribe', callId, channels: listField(wire['data'], callId, event, parseUnsubscribe) };
    case '#handshake':
      return parseHandshake(wire['data'], callId);
    case '#authenticate':
      return { type: 'authenticate', callId, authToken: wire['data'] };
    case '#removeAuthToken':
      return { type: 'deauthenticate', callId };
    case '#disconnect':
      return parseDisconnect(wire['data']);
    default:
      return parseEvent(event, wire['data'], callId);
  }
}

export function parseServerFrame(value: unknown): ServerFrame {
  if (typeof value !== 'object' || value === null) return { type: 'raw', value };
  const wire = value as Fields;
  const event = wire['event'];
  if (typeof event !== 'string') return parseResponse(wire) ?? { type: 'raw', value };
  const callId = parseCallId(wire['cid']);
  switch (event) {
    case '#publish': {
      const data = objectField(wire['data'], event, callId);
      return { type: 'publication', channel: channelField(data['channel'], event, callId), data: data['data'] };
    }
    case '#kickOut': {
      const data = objectField(wire['data'], event, callId);
      const message = typeof data['message'] === 'string' ? data['message'] : '';
      return { type: 'kickOut', channel: channelField(data['channel'], event, callId), message };
    }
    case '#setAuthToken': {
      const { token } = objectField(wire['data'], event, callId);
      if (typeof token !== 'string') throw invalid(event, 'data.token', 'must be a string', token, callId);
      return { type: 'setAuthToken', authToken: token, callId };
    }
    case '#removeAuthToken':
      return { type: 'removeAuthToken', callId };
    case '#disconnect':
      return parseDisconnect(wire['data']);
    default:
      return parseEvent(event, wire['data'], callId);
  }
}

function parseEvent(name: string, data: unknown, callId: CallId | undefined): EventFrame {
  const problem = nameProblem(name);
  if (problem !== undefined) throw invalid('event', 'event', problem, name, callId);
  return { type: 'event', name, data, callId };
}

function parseHandshake(data: unknown, callId: CallId | undefined): ClientFrame {
  if (callId === undefined) throw invalid('#handshake', 'cid', 'must be a whole number', callId, callId);
  const fields: Fields = typeof data === 'object' && data !== null ? (data as Fields) : {};
  const client = parseClientInfo(fields['client']);
  const listed = fields['features'];
  const features = Array.isArray(listed)
    ? listed.slice(0, maxListed).filter((one): one is string => typeof one === 'string')
    : [];
  const frame = { type: 'handshake', callId, authToken: fields['authToken'], features } as const;
  return client === undefined ? frame : { ...frame, client };
}

function parseClientInfo(value: unknown): ClientInfo | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, version } = value as Fields;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  return { name: name.slice(0, 64), version: version.slice(0, 64) };
}

function parseSubscribe(item: unknown, callId: CallId | undefined): SubscribeRequest {
  if (typeof item === 'string') return { channel: channelField(item, '#subscribe', callId), waitForAuth: false };
  const fields = objectField(item, '#subscribe', callId);
  const channel = channelField(fields['channel'], '#subscribe', callId);
  const waitForAuth = fields['waitForAuth'] === true;
  return fields['data'] === undefined ? { channel, waitForAuth } : { channel, waitForAuth, data: fields['data'] };
}

function parseUnsubscribe(item: unknown, callId: CallId | undefined): string {
  if (typeof item === 'object' && item !== null)
    return channelField((item as Fields)['channel'], '#unsubscribe', callId);
  return channelField(item, '#unsubscribe', callId);
}

function parseDisconnect(data: unknown): ClientFrame & ServerFrame {
  const fields: Fields = typeof data === 'object' && data !== null ? (data as Fields) : {};
  const { code, data: reason } = fields;
  return {
    type: 'disconnect',
    code: typeof code === 'number' && Number.isInteger(code) && code >= 1000 && code <= 4999 ? code : 1000,
    reason: typeof reason === 'string' ? reason : '',
  };
}

function parseResponse(wire: Fields): ResponseFrame | undefined {
  const responseId = parseCallId(wire['rid']);
  if (responseId === undefined) return undefined;
  const { data, error } = wire;
  if (error === undefined || error === null) return { type: 'response', responseId, data };
  return { type: 'response', responseId, data, error };
}

/** A call id that is no whole number is none: the frame wants no answer that could be given. */
function parseCallId(value: unknown): CallId | undefined {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

function listField<Item>(
  data: unknown,
  callId: CallId | undefined,
  event: string,
  parse: (item: unknown, callId: CallId | undefined) => Item,
): Item[] {
  if (!Array.isArray(data)) return [parse(data, callId)];
  if (data.length > maxListed)
    throw invalid(event, 'data', `must list at most ${maxListed} channels`, data.length, callId);
  return data.map((item) => parse(item, callId));
}

function objectField(value: unknown, event: string, callId: CallId | undefined): Fields {
  if (typeof value !== 'object' || value === null) throw invalid(event, 'data', 'must be an object', value, callId);
  return value as Fields;
}

function channelField(value: unknown, event: string, callId: CallId | undefined): string {
  const problem = nameProblem(value);
  if (problem !== undefined) throw invalid(event, 'channel', problem, value, callId);
  return value as string;
}

function invalid(
  frame: string,
  field: string,
  rule: string,
  value: unknown,
  callId: CallId | undefined,
): InvalidFrameError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : undefined;
  const message = `Invalid ${frame} frame: ${field} ${rule}${shown === undefined ? '' : `, got ${shown}`}`;
  return new InvalidFrameError(message, callId === undefined ? { field } : { field, callId });
}

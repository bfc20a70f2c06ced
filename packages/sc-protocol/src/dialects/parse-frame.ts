import type { CallId, DisconnectFrame, EventFrame, Position, RawFrame, ResponseFrame } from '../frames.js';
import { isObject } from '../is-object.js';
import { isLongName, nameProblem } from '../names.js';
import { invalidFrame } from './invalid-frame.js';

export type Fields = Readonly<Record<string, unknown>>;
type SharedFrame = EventFrame | ResponseFrame | DisconnectFrame | RawFrame;

/**
 * Parses the frames that both ends may send; `parseReserved` parses the reserved frames of one end. Hot path: one
 * access to `event`, then one object for the frame.
 */
export function parseFrame<Frame>(
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

export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function checkObject(value: unknown, event: string, callId: CallId | undefined): Fields {
  if (!isObject(value)) throw invalidFrame(event, 'data', 'must be an object', value, callId);
  return value;
}

export function checkName(name: unknown, frame: string, field: string, callId: CallId | undefined): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name as string;
  throw invalidFrame(frame, field, problem, name, callId, isLongName(name) ? 'nameBytes' : undefined);
}

function parseDisconnect({ code, data }: Fields): DisconnectFrame {
  const isCode = Number.isInteger(code) && (code as number) >= 1000 && (code as number) < 5000;
  return { type: 'disconnect', code: isCode ? (code as number) : 1000, reason: textOf(data) };
}

function parseResponse({ rid, data, error, position, duplicate }: Fields): ResponseFrame | undefined {
  const responseId = parseCallId(rid);
  if (responseId === undefined) return undefined;
  const at = parsePosition(position);
  return {
    type: 'response',
    responseId,
    data,
    ...(error !== undefined && error !== null && { error }),
    ...(at && { position: at }),
    ...(duplicate === true && { duplicate }),
  };
}

/** A malformed position counts as absent. */
export function parsePosition(value: unknown): Position | undefined {
  const { epoch, offset } = fieldsOf(value);
  return typeof epoch === 'string' && isWhole(offset) ? { epoch, offset } : undefined;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A call id that is not a whole number counts as absent: no response could refer to it. */
function parseCallId(value: unknown): CallId | undefined {
  return isWhole(value) ? value : undefined;
}

import {
  InvalidArgumentsError,
  encodeJson,
  encodingError,
  isReservedEvent,
  nameProblem,
  reviveBinary,
} from 'sc-protocol';

/** An event for sockets of other processes. Its data travels as JSON of its own, so that it may be as deep as that of one socket. */
export interface EmitOrder {
  readonly event: string;
  /** Absent without data. */
  readonly json?: string;
}

/** Throws `InvalidArgumentsError` for a name or data that no socket may be sent. */
export function emitOrder(event: string, data: unknown): EmitOrder {
  const problem = nameProblem(event) ?? (isReservedEvent(event) ? `must not be "${event}": it is reserved` : undefined);
  if (problem !== undefined) throw new InvalidArgumentsError(`An event name ${problem}`);
  if (data === undefined) return { event };
  try {
    return { event, json: encodeJson(data) };
  } catch (cause) {
    throw encodingError(`"${event}"`, cause);
  }
}

/** The data of the event: bytes, which JSON spells as text, are bytes again, so that every codec sends them as its own. */
export function dataOf({ json }: EmitOrder): unknown {
  if (json === undefined) return undefined;
  const data: unknown = JSON.parse(json);
  return json.includes('"base64"') ? reviveBinary(data) : data;
}

import {
  InvalidArgumentsError,
  encodeJson,
  encodingError,
  isReservedEvent,
  nameProblem,
  reviveBinary,
} from 'sc-protocol';

/**
 * An event for sockets of other processes. Its data is encoded as a separate JSON string, so the order's envelope does
 * not count towards the nesting limit.
 */
export interface EmitOrder {
  readonly event: string;
  /** Absent without data. */
  readonly json?: string;
}

/** Throws `InvalidArgumentsError` if the name or the data cannot be sent to a socket. */
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

/**
 * Decodes the data of the event. Restores bytes that JSON holds as base64, so that every codec encodes them natively.
 */
export function dataOf({ json }: EmitOrder): unknown {
  if (json === undefined) return undefined;
  const data: unknown = JSON.parse(json);
  return json.includes('"base64"') ? reviveBinary(data) : data;
}

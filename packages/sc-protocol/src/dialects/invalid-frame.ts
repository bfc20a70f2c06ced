import { InvalidFrameError } from '../errors.js';
import type { CallId } from '../frames.js';

/** The error for a frame that breaks the protocol: names the frame, the field, the rule and, if it is text, the value. */
export function invalidFrame(
  frame: string,
  field: string,
  rule: string,
  value?: unknown,
  callId?: CallId,
): InvalidFrameError {
  const shown = typeof value === 'string' ? `, got ${JSON.stringify(value.slice(0, 64))}` : '';
  return new InvalidFrameError(`Invalid ${frame} frame: ${field} ${rule}${shown}`, {
    field,
    ...(callId !== undefined && { callId }),
  });
}

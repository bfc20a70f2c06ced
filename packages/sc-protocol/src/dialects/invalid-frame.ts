import { InvalidFrameError } from '../errors.js';
import type { CallId } from '../frames.js';

/** A limit of the protocol that a frame may exceed; the error names it in `limit`. */
export type FrameLimitName = 'nameBytes' | 'nesting' | 'listLength';

/**
 * The error for a frame that violates the protocol: names the frame, the field, the rule and, if it is text, the value.
 */
export function invalidFrame(
  frame: string,
  field: string,
  rule: string,
  value?: unknown,
  callId?: CallId,
  limit?: FrameLimitName,
): InvalidFrameError {
  const shown = typeof value === 'string' ? `, got ${JSON.stringify(value.slice(0, 64))}` : '';
  return new InvalidFrameError(`Invalid ${frame} frame: ${field} ${rule}${shown}`, {
    field,
    ...(callId !== undefined && { callId }),
    ...(limit !== undefined && { limit }),
  });
}

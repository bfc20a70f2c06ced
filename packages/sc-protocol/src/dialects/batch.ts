import { invalidFrame } from './invalid-frame.js';

/** Maximum number of frames in one batch, channels in one subscription, or features in one handshake. */
export const maxListed = 1024;

/**
 * The wire values in a decoded message: the elements of a batch, or the single value. Throws when there are too many.
 */
export function splitBatch(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  if (value.length > maxListed)
    throw invalidFrame(
      'batch',
      'length',
      `must be at most ${maxListed}, got ${value.length}`,
      undefined,
      undefined,
      'listLength',
    );
  return value as unknown[];
}

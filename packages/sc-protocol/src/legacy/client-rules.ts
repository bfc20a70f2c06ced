import { closeCodeRegistry, closeCodes, reconnectAdvice } from '../close-codes.js';
import type { Dialect } from '../dialects/dialect.js';
import { dehydrateError } from '../wire-errors.js';

/**
 * Converts a thrown value to the `error` of a response, as far as clients of the dialect support it: name and message
 * for `v0` and `b6`, all of its data for later ones, never a stack. A string, which middleware may pass as an error, is
 * sent unchanged, because applications display it.
 */
export function errorForClient(dialect: Dialect, error: unknown): unknown {
  if (typeof error === 'string' && error !== '') return error;
  const wire = dehydrateError(error);
  return isEarly(dialect) ? { name: wire.name, message: wire.message } : wire;
}

/**
 * The close code to send, so that clients of the dialect reconnect when they should. Clients of `b6` and early ones of
 * `v0` reconnect after a few codes only. An application's own codes are unchanged.
 */
export function closeCodeForClient(dialect: Dialect, code: number): number {
  const isOurs = closeCodeRegistry.some((known) => known.code === code);
  if (!isEarly(dialect) || !isOurs || reconnectAdvice(code) !== 'backoff') return code;
  return dialect.name === 'b6' ? closeCodes.tokenSignFailed : closeCodes.handshakeFailed;
}

/**
 * Whether a client accepts several frames in one array. `v2` does once the dialect is settled; of `v1` only clients
 * that sent a batch, or requested batches with `batch` in a subscription. Earlier clients pass an array to the
 * application as raw data.
 */
export function takesBatches(dialect: Dialect | undefined, hasAsked: boolean): boolean {
  return dialect?.name === 'v2' || (hasAsked && !(dialect && isEarly(dialect)));
}

function isEarly({ name }: Dialect): boolean {
  return name === 'v0' || name === 'b6';
}

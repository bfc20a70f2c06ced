/** The message sent to a target together with a connection. */
export interface HandOffOrder {
  /** Discriminant. */
  readonly kind: 'handOff';
  /** Id of the hand-off, repeated in the reply. */
  readonly id: number;
  /** Deadline for accepting the connection, in milliseconds of the host's monotonic clock. */
  readonly expiresAt: number;
}

/**
 * A target's reply: connection accepted, connection refused, or the number of accepted connections that have closed.
 * `isFull`: refused because the target has reached its connection limit.
 */
export type HandOffReply =
  | { readonly kind: 'accepted'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly isFull?: boolean }
  | { readonly kind: 'released'; readonly count: number };

/** Returns the value as an order, or `undefined` if it is not one. */
export function parseHandOffOrder(value: unknown): HandOffOrder | undefined {
  const message = asRecord(value);
  if (message?.['kind'] !== 'handOff' || !isCount(message['id']) || typeof message['expiresAt'] !== 'number') {
    return undefined;
  }
  return value as HandOffOrder;
}

/** Returns the value as a reply, or `undefined` if it is not one. */
export function parseHandOffReply(value: unknown): HandOffReply | undefined {
  const message = asRecord(value);
  switch (message?.['kind']) {
    case 'accepted':
    case 'refused':
      return isCount(message['id']) ? (value as HandOffReply) : undefined;
    case 'released':
      return isCount(message['count']) ? (value as HandOffReply) : undefined;
    default:
      return undefined;
  }
}

/** The host's monotonic clock in milliseconds. All processes of one host read the same value. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

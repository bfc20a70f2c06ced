/**
 * Recommended behaviour of a client after a close: reconnect immediately, reconnect with backoff, or do not reconnect.
 */
export type ReconnectAdvice = 'now' | 'backoff' | 'never';

/** Registry entry of a close code. */
export interface CloseCodeEntry {
  /** Numeric close code. */
  readonly code: number;
  /** Name in `closeCodes`. */
  readonly name: CloseCodeName;
  /** A short human-readable text, derived from the name. */
  readonly reason: string;
  /** Recommended behaviour of a client after this code. */
  readonly reconnect: ReconnectAdvice;
}

/** Names of the close codes. */
export type CloseCodeName = keyof typeof closeCodes;

// Codes that a client uses are separate constants, so that a page does not load the names of the others.
/** A deliberate close. */
export const normalCode = 1000;
/** A close without a code. */
export const noStatusCode = 1005;
/** A lost connection. */
export const hungUpCode = 1006;
/** A missing ping. */
export const pingTimeoutCode = 4000;
const pongTimeoutCode = 4001;
/** A failed handshake. */
export const handshakeFailedCode = 4003;
/** A connection attempt that took too long. */
export const connectTimeoutCode = 4007;
/** An invalid frame or message. */
export const invalidFrameCode = 4010;

/** Close codes by name, for example `closeCodes.slowConsumer`. PROTOCOL.md defines when each is used. */
export const closeCodes = {
  normal: normalCode,
  goingAway: 1001,
  webSocketProtocolError: 1002,
  noStatus: noStatusCode,
  hungUp: hungUpCode,
  invalidData: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  internalError: 1011,
  serviceRestart: 1012,
  pingTimeout: pingTimeoutCode,
  pongTimeout: pongTimeoutCode,
  tokenSignFailed: 4002,
  handshakeFailed: handshakeFailedCode,
  handshakeTimeout: 4005,
  connectTimeout: connectTimeoutCode,
  frameBeforeHandshake: 4009,
  invalidFrame: invalidFrameCode,
  slowConsumer: 4011,
} as const;

/** Every close code with a meaning. PROTOCOL.md has the same table; a test keeps the two in sync. */
export const closeCodeRegistry = /* @__PURE__ */ Object.entries(closeCodes).map(([name, code]) => ({
  name,
  code,
  reason: closeReason(code),
  reconnect: reconnectAdvice(code),
})) as readonly CloseCodeEntry[];

/**
 * Whether and how a client should reconnect after this code. Codes from 4500 belong to the application and are final.
 */
export function reconnectAdvice(code: number): ReconnectAdvice {
  if (code === normalCode || code >= 4500) return 'never';
  return code === noStatusCode || code === pingTimeoutCode || code === pongTimeoutCode ? 'now' : 'backoff';
}

/** The short text of a close code, or a generic one. */
export function closeReason(code: number): string {
  for (const [name, known] of Object.entries(closeCodes)) {
    if (known !== code) continue;
    const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return words.charAt(0).toUpperCase() + words.slice(1);
  }
  return `Socket closed with code ${code}`;
}

/** What a client should do after a close: come back at once, come back after a wait, or stay away. */
export type ReconnectAdvice = 'now' | 'backoff' | 'never';

export interface CloseCodeEntry {
  readonly code: number;
  readonly name: CloseCodeName;
  /** A short text for people, made of the name. */
  readonly reason: string;
  readonly reconnect: ReconnectAdvice;
}

export type CloseCodeName = keyof typeof closeCodes;

/** Close codes by name, for example `closeCodes.slowConsumer`. PROTOCOL.md says when each is used. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  webSocketProtocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  hungUp: 1006,
  invalidData: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  missingExtension: 1010,
  internalError: 1011,
  restart: 1012,
  pingTimeout: 4000,
  pongTimeout: 4001,
  tokenSignFailed: 4002,
  handshakeFailed: 4003,
  tokenSaveFailed: 4004,
  handshakeTimeout: 4005,
  storeUnavailable: 4006,
  connectTimeout: 4007,
  handshakeRejected: 4008,
  frameBeforeHandshake: 4009,
  invalidFrame: 4010,
  slowConsumer: 4011,
} as const;

/** Every close code with a meaning. PROTOCOL.md has the same table; a test holds the two together. */
export const closeCodeRegistry = /* @__PURE__ */ Object.entries(closeCodes).map(([name, code]) => ({
  name,
  code,
  reason: closeReason(code),
  reconnect: reconnectAdvice(code),
})) as readonly CloseCodeEntry[];

/** Whether and how a client should reconnect after this code. Codes from 4500 are an application's final word. */
export function reconnectAdvice(code: number): ReconnectAdvice {
  switch (code) {
    case closeCodes.noStatus:
    case closeCodes.pingTimeout:
    case closeCodes.pongTimeout:
      return 'now';
    case closeCodes.normal:
      return 'never';
    default:
      return code >= 4500 ? 'never' : 'backoff';
  }
}

/** The short text of a close code, or a general one. */
export function closeReason(code: number): string {
  for (const [name, known] of Object.entries(closeCodes)) {
    if (known !== code) continue;
    const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return words.charAt(0).toUpperCase() + words.slice(1);
  }
  return `Socket closed with code ${code}`;
}

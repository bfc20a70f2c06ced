/** What a client should do after a close: come back at once, come back after a wait, or stay away. */
export type ReconnectAdvice = 'now' | 'backoff' | 'never';

export interface CloseCodeEntry {
  readonly code: number;
  readonly name: CloseCodeName;
  readonly reason: string;
  readonly reconnect: ReconnectAdvice;
}

export type CloseCodeName = keyof typeof table;

/** Codes from this one on are an application's final word: the client stays away. */
const firstFinalCode = 4500;

const table = {
  normal: [1000, 'Socket was closed on purpose', 'never'],
  goingAway: [1001, 'Server is going away', 'backoff'],
  webSocketProtocolError: [1002, 'A WebSocket protocol rule was broken', 'backoff'],
  unsupportedData: [1003, 'Data of a kind that cannot be accepted was received', 'backoff'],
  noStatus: [1005, 'Socket closed without a status code', 'now'],
  hungUp: [1006, 'Socket hung up', 'backoff'],
  invalidData: [1007, 'Data that is not valid for its type was received', 'backoff'],
  policyViolation: [1008, 'A policy was broken', 'backoff'],
  tooBig: [1009, 'A message larger than the limit was received', 'backoff'],
  missingExtension: [1010, 'The client needs an extension that the server lacks', 'backoff'],
  internalError: [1011, 'The server met an unexpected condition', 'backoff'],
  restart: [1012, 'Server is restarting', 'backoff'],
  pingTimeout: [4000, 'Server ping timed out', 'now'],
  pongTimeout: [4001, 'Client pong timed out', 'now'],
  tokenSignFailed: [4002, 'Server failed to sign auth token', 'backoff'],
  handshakeFailed: [4003, 'Failed to complete handshake', 'backoff'],
  tokenSaveFailed: [4004, 'Client failed to save auth token', 'backoff'],
  handshakeTimeout: [4005, 'Did not receive #handshake from client before timeout', 'backoff'],
  storeUnavailable: [4006, 'Failed to reach the store', 'backoff'],
  connectTimeout: [4007, 'Client connection establishment timed out', 'backoff'],
  handshakeRejected: [4008, 'Server rejected handshake from client', 'backoff'],
  frameBeforeHandshake: [4009, 'Server received a frame before the handshake', 'backoff'],
  invalidFrame: [4010, 'A frame breaks the protocol', 'backoff'],
  slowConsumer: [4011, 'Client reads too slowly', 'backoff'],
} as const satisfies Readonly<Record<string, readonly [number, string, ReconnectAdvice]>>;

/** Every close code with a meaning. PROTOCOL.md has the same table; a test holds the two together. */
export const closeCodeRegistry = Object.entries(table).map(([name, [code, reason, reconnect]]) => ({
  name,
  code,
  reason,
  reconnect,
})) as readonly CloseCodeEntry[];

/** Close codes by name, for example `closeCodes.slowConsumer`. */
export const closeCodes = Object.fromEntries(closeCodeRegistry.map(({ name, code }) => [name, code])) as {
  readonly [Name in CloseCodeName]: (typeof table)[Name][0];
};

/** Whether and how a client should reconnect after this code. Codes from 4500 are an application's final word. */
export function reconnectAdvice(code: number): ReconnectAdvice {
  return entryOf(code)?.reconnect ?? (code >= firstFinalCode ? 'never' : 'backoff');
}

/** The registered reason of a close code, or a general one. */
export function closeReason(code: number): string {
  return entryOf(code)?.reason ?? `Socket closed with code ${code}`;
}

function entryOf(code: number): CloseCodeEntry | undefined {
  return closeCodeRegistry.find((known) => known.code === code);
}

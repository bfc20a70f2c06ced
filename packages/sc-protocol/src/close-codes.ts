/** What a client should do after a close: come back at once, come back after a wait, or stay away. */
export type ReconnectAdvice = 'now' | 'backoff' | 'never';

export interface CloseCodeEntry {
  readonly code: number;
  readonly name: string;
  readonly reason: string;
  readonly reconnect: ReconnectAdvice;
}

const entry = (code: number, name: string, reconnect: ReconnectAdvice, reason: string): CloseCodeEntry => ({
  code,
  name,
  reason,
  reconnect,
});

/** Every close code with a meaning. PROTOCOL.md has the same table; a test holds the two together. */
export const closeCodeRegistry: readonly CloseCodeEntry[] = [
  entry(1000, 'normal', 'never', 'Socket was closed on purpose'),
  entry(1001, 'goingAway', 'backoff', 'Server is going away'),
  entry(1002, 'webSocketProtocolError', 'backoff', 'A WebSocket protocol rule was broken'),
  entry(1003, 'unsupportedData', 'backoff', 'Data of a kind that cannot be accepted was received'),
  entry(1005, 'noStatus', 'now', 'Socket closed without a status code'),
  entry(1006, 'hungUp', 'backoff', 'Socket hung up'),
  entry(1007, 'invalidData', 'backoff', 'Data that is not valid for its type was received'),
  entry(1008, 'policyViolation', 'backoff', 'A policy was broken'),
  entry(1009, 'tooBig', 'backoff', 'A message larger than the limit was received'),
  entry(1010, 'missingExtension', 'backoff', 'The client needs an extension that the server lacks'),
  entry(1011, 'internalError', 'backoff', 'The server met an unexpected condition'),
  entry(1012, 'restart', 'backoff', 'Server is restarting'),
  entry(4000, 'pingTimeout', 'now', 'Server ping timed out'),
  entry(4001, 'pongTimeout', 'now', 'Client pong timed out'),
  entry(4002, 'tokenSignFailed', 'backoff', 'Server failed to sign auth token'),
  entry(4003, 'handshakeFailed', 'backoff', 'Failed to complete handshake'),
  entry(4004, 'tokenSaveFailed', 'backoff', 'Client failed to save auth token'),
  entry(4005, 'handshakeTimeout', 'backoff', 'Did not receive #handshake from client before timeout'),
  entry(4006, 'storeUnavailable', 'backoff', 'Failed to reach the store'),
  entry(4007, 'connectTimeout', 'backoff', 'Client connection establishment timed out'),
  entry(4008, 'handshakeRejected', 'backoff', 'Server rejected handshake from client'),
  entry(4009, 'frameBeforeHandshake', 'backoff', 'Server received a frame before the handshake'),
  entry(4010, 'invalidFrame', 'backoff', 'A frame breaks the protocol'),
  entry(4011, 'slowConsumer', 'backoff', 'Client reads too slowly'),
];

export type CloseCodeName = (typeof closeCodeRegistry)[number]['name'];

/** Close codes by name, for example `closeCodes.slowConsumer`. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  noStatus: 1005,
  hungUp: 1006,
  invalidData: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  internalError: 1011,
  pingTimeout: 4000,
  pongTimeout: 4001,
  tokenSignFailed: 4002,
  handshakeFailed: 4003,
  handshakeTimeout: 4005,
  storeUnavailable: 4006,
  connectTimeout: 4007,
  handshakeRejected: 4008,
  frameBeforeHandshake: 4009,
  invalidFrame: 4010,
  slowConsumer: 4011,
} as const;

/** Whether and how a client should reconnect after this code. Codes from 4500 are an application's final word. */
export function reconnectAdvice(code: number): ReconnectAdvice {
  return closeCodeRegistry.find((known) => known.code === code)?.reconnect ?? (code >= 4500 ? 'never' : 'backoff');
}

/** The registered reason of a close code, or a general one. */
export function closeReason(code: number): string {
  return closeCodeRegistry.find((known) => known.code === code)?.reason ?? `Socket closed with code ${code}`;
}

const nothing = (why: string) => `nothing: ${why}`;

/** Removed options of SocketCluster 1 to 20, and their replacements. */
export const renamedServerOptions: Readonly<Record<string, string>> = {
  defaultAuthTokenExpiryInMinutes: 'authDefaultExpiryMs (milliseconds)',
  authDefaultExpiry: 'authDefaultExpiryMs (milliseconds)',
  authVerifyAlgorithms: 'authAlgorithm, or authVerifyKeys for more than one',
  authSignAsync: nothing('tokens are always signed asynchronously'),
  authVerifyAsync: nothing('tokens are always verified asynchronously'),
  maxPayload: 'maxPayloadBytes',
  heartbeatInterval: 'pingInterval',
  heartbeatTimeout: 'pingTimeout',
  pingTimeoutDisabled: 'a long pingTimeout',
  brokerEngine: nothing('stores are part of the cluster; a server without one takes the option store'),
  wsEngine: nothing('there is one WebSocket engine'),
  wsEngineServerOptions: nothing('there is one WebSocket engine'),
  perMessageDeflate: nothing('messages are not compressed'),
  strictHandshake: nothing('it is always on'),
  batchOnHandshake: nothing('messages of one turn of the event loop are sent together'),
  batchOnHandshakeDuration: nothing('messages of one turn of the event loop are sent together'),
  batchInterval: nothing('messages of one turn of the event loop are sent together'),
  pubSubBatchDuration: nothing('messages of one turn of the event loop are sent together'),
  middlewareEmitFailures: 'logLevel',
  middlewareEmitWarnings: 'logLevel',
  middlewareEmitNotices: 'logLevel',
  socketStreamCleanupMode: nothing('listeners are functions, not streams'),
  cloneData: nothing('publications are encoded before other code can change them'),
};

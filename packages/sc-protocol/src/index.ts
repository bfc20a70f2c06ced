export { encodingError, requireFunction, requireName } from './arguments.js';
export { createCallIds } from './call-ids.js';
export { closeCodeRegistry, closeCodes, closeReason, reconnectAdvice } from './close-codes.js';
export { jsonCodec } from './codec.js';
export { splitBatch } from './dialects/batch.js';
export { defaultDialect, dialectOfPong, dialects } from './dialects/index.js';
export { answerText, presenceChange, publicationText } from './dialects/write.js';
export { parseServerFrame } from './dialects/parse-server-frame.js';
export {
  AbortedError,
  AuthError,
  AuthTokenError,
  AuthTokenExpiredError,
  AuthTokenInvalidError,
  AuthTokenNotBeforeError,
  BadConnectionError,
  HandlerError,
  InvalidActionError,
  InvalidArgumentsError,
  InvalidFrameError,
  InvalidOptionsError,
  MiddlewareBlockedError,
  MovedError,
  NoHandlerError,
  PayloadTooLargeError,
  ProcessExitError,
  OrderError,
  ResourceLimitError,
  ScError,
  SocketProtocolError,
  StartError,
  StoreError,
  StoreUnavailableError,
  TimeoutError,
  TooLateError,
  errorRegistry,
  isScError,
  isRetryable,
} from './errors.js';
export { encodeJson, maxNestingDepth, reviveBinary } from './json.js';
export { clientSocketEvents, isReservedEvent, maxNameBytes, nameProblem, serverSocketEvents } from './names.js';
export { dehydrateError, hydrateError } from './wire-errors.js';

export type {
  AppShape,
  ArgumentOf,
  ChannelsOf,
  ClaimsOf,
  ClientEventsOf,
  ClientProceduresOf,
  DataArgument,
  DataOf,
  NameIn,
  ProceduresOf,
  ResultOf,
  ServerEventsOf,
} from './app.js';
export type { CloseCodeEntry, CloseCodeName, ReconnectAdvice } from './close-codes.js';
export type { Codec, WireMessage } from './codec.js';
export type { Dialect, DialectName, Spelling } from './dialects/dialect.js';
export type { ErrorEntry } from './errors.js';
export type {
  AuthenticateFrame,
  CallId,
  ClientFrame,
  ClientInfo,
  DeauthenticateFrame,
  DisconnectFrame,
  EventFrame,
  GapReason,
  HandshakeFrame,
  HandshakeStatus,
  HistoryAck,
  HistoryFrame,
  KickOutFrame,
  MembersFrame,
  PingFrame,
  PongFrame,
  Position,
  PositionFrame,
  PresenceFrame,
  PublicationFrame,
  PublicationPosition,
  PublishFrame,
  RawFrame,
  RemoveAuthTokenFrame,
  ResponseFrame,
  Rewind,
  ServerFrame,
  SetAuthTokenFrame,
  SubscribeAck,
  SubscribeFrame,
  SubscribedFrame,
  SubscribeRequest,
  TokenCookie,
  UnsubscribeFrame,
} from './frames.js';
export type { MembersAck, PresenceChange, WireMember } from './presence.js';
export type { WireError } from './wire-errors.js';

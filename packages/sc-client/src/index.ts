export { connect } from './connect.js';
export { SCClientSocket, SCClientSocket as SCSocket } from './socket.js';
export { memoryTokenStore } from './token-store.js';
export { version } from './version.js';

export type { AuthState } from './auth-state.js';
export type { AuthStateChange, SocketEvents, SocketStatus, SubscribeStateChange } from './events.js';
export type { ClientOptions, Query } from './options.js';
export type { Platform, StorageLike, WsOptions } from './platform.js';
export type { ReconnectOptions } from './reconnect.js';
export type { AckCallback, EmitOptions, InvokeOptions, Listener, ProcedureHandler, Respond } from './surface.js';
export type { SocketState } from './socket-state.js';
export type { AuthEngine, TokenSource } from './token-store.js';
export type { WebSocketLike } from './web-socket.js';
export type { AppShape, Codec, GapReason, Position, Rewind, WireMessage } from 'sc-protocol';
export type {
  ChannelEvents,
  ChannelHistory,
  ChannelHistoryOptions,
  ChannelIterator,
  ChannelState,
  IterateOptions,
  PastPublication,
  PublicationInfo,
  SCChannel,
  SubscribeOptions,
  SubscribeStatus,
  Watcher,
} from 'sc-channel';

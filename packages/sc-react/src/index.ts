export { useCall } from './call.js';
export { useChannel, useLatest } from './channel.js';
export { useAuthToken, useConnectionState } from './connection.js';
export { SocketProvider, useSocket } from './context.js';
export { createHooks } from './hooks.js';
export { useSynced } from './synced.js';

export type { Call } from './call.js';
export type { ChannelView } from './channel.js';
export type { SocketProviderProps } from './context.js';
export type { ChannelFeedOptions, ChannelSnapshot, ReceivedPublication } from './feed.js';
export type { Hooks } from './hooks.js';
export type { SyncedView } from './synced.js';

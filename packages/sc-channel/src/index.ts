export { SCChannel } from './channel.js';
export { ChannelPosition } from './channel-position.js';
export { ChannelSet } from './channel-set.js';
export { channelSteps, nextChannelStep } from './channel-state.js';
export { Emitter, reportRejection, throwLater } from './emitter.js';
export { channelOptionChecks } from './option-checks.js';
export { withCallback } from './with-callback.js';

export type { PublishCallback } from './channel.js';
export type { ChannelIterator, IterateOptions } from './channel-iterator.js';
export type { PublicationInfo, Watcher } from './channel-record.js';
export type { PublicationVerdict, SubscribeStatus } from './channel-position.js';
export type { ChannelCause, ChannelEventName, ChannelEvents, ChannelState, ChannelStep } from './channel-state.js';
export type { ErrorFallback, EventArguments, EventSource } from './emitter.js';
export type { ChannelOptionChecks } from './option-checks.js';
export type {
  ChannelHistory,
  ChannelHistoryOptions,
  ChannelOwner,
  OwnerEvents,
  PastPublication,
  PendingChannel,
  SubscribeStateChange,
} from './owner.js';
export type { SubscribeOptions } from './subscribe-options.js';

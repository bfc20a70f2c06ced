import type { ChannelHandle, ChannelSink, Since } from '../channel-sink.js';
import type { Call } from '../commands/call.js';
import type { CallShard } from '../commands/define.js';
import type { Publication } from '../data/publication.js';
import type { ShardStatus } from '../store.js';
import type { MemberLane } from './member-lane.js';
import type { Member } from '../member-sink.js';
import type { OrderLane } from './order-lane.js';

/** One store, as its client sees it: by a link, or in this process. */
export interface Shard extends CallShard {
  readonly name: string;
  /** Orders to all processes that share this store. */
  readonly orders: OrderLane;
  readonly members: MemberLane;
  /** Sends a fire-and-forget command. A known failure is reported as a warning. */
  send(call: Call): void;
  /** Throws when the client is closed. */
  open(channel: string, sink: ChannelSink, since: Since | undefined): ChannelHandle;
  subscriptions(): string[];
  isSubscribed(channel: string): boolean;
  status(): ShardStatus;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** The interface through which a shard notifies its client. */
export interface ShardOwner {
  ready(shard: Shard): void;
  lost(shard: Shard, error: Error): void;
  /** It has ended; with an error if that was not asked for. */
  ended(shard: Shard, error: Error | undefined): void;
  warned(error: Error): void;
  subscribed(channel: string): void;
  subscribeFailed(error: Error, channel: string): void;
  unsubscribed(channel: string): void;
  /** Of a channel that was subscribed to without a sink. */
  publication(publication: Publication): void;
  /** Publications of such a channel did not arrive; their number is `undefined` when it is unknown. */
  publicationsLost(channel: string, count: number | undefined): void;
  changed(keys: readonly string[], command: string): void;
  /** Of a channel that `watchMembers` was called for. */
  readonly memberChanged: (channel: string, event: 'join' | 'leave' | 'update', member: Member) => void;
  /** Changes of members were not reported one by one; what has changed in all follows. */
  membersLost(channel: string): void;
}

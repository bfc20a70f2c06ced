import type { ChannelHandle, ChannelSink, Since } from '../channel-sink.js';
import type { Call } from '../commands/call.js';
import type { CallShard } from '../commands/define.js';
import type { Publication } from '../data/publication.js';
import type { ShardStatus } from '../store.js';
import type { MemberLane } from './member-lane.js';
import type { Member } from '../member-sink.js';
import type { OrderLane } from './order-lane.js';

/** The client's interface to one store, behind a link or in this process. */
export interface Shard extends CallShard {
  readonly name: string;
  /** Orders to all processes that share this store. */
  readonly orders: OrderLane;
  readonly members: MemberLane;
  /** Sends a fire-and-forget command. Known failures are reported by `ShardOwner.warned`. */
  send(call: Call): void;
  /** Opens a channel for a sink. Throws if the client is closed. */
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
  /** The shard has ended, with an error unless it was closed on request. */
  ended(shard: Shard, error: Error | undefined): void;
  warned(error: Error): void;
  subscribed(channel: string): void;
  subscribeFailed(error: Error, channel: string): void;
  unsubscribed(channel: string): void;
  /** A publication of a channel subscribed with `subscribe`. */
  publication(publication: Publication): void;
  /** Publications of a channel subscribed with `subscribe` were lost; `count` is `undefined` if unknown. */
  publicationsLost(channel: string, count: number | undefined): void;
  changed(keys: readonly string[], command: string): void;
  /** A member of a channel watched with `watchMembers` has changed. */
  readonly memberChanged: (channel: string, event: 'join' | 'leave' | 'update', member: Member) => void;
  /** Member changes of a channel were dropped. The net change follows. */
  membersLost(channel: string): void;
}

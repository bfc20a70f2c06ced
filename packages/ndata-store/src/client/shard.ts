import type { Buffer } from 'node:buffer';
import type { Call } from '../commands/call.js';
import type { CallShard } from '../commands/define.js';
import type { MemberEvent } from '../data/members.js';
import type { ShardStatus } from '../store.js';

/** One store, as its client sees it: by a link, or in this process. */
export interface Shard extends CallShard {
  readonly name: string;
  /** Gives a command that nobody waits for. A failure is reported as a warning, if it is known. */
  send(call: Call): void;
  subscriptions(): string[];
  isSubscribed(channel: string): boolean;
  status(): ShardStatus;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Where a payload lies: for a moment in `buffer`, and for as long as it is wanted in what `keep` returns. */
export interface PayloadSource {
  readonly buffer: Buffer;
  keep(start: number, end: number): Buffer;
}

/** What a shard tells its client. */
export interface ShardOwner {
  ready(shard: Shard): void;
  lost(shard: Shard, error: Error): void;
  /** It has ended; with an error if that was not asked for. */
  ended(shard: Shard, error: Error | undefined): void;
  warned(error: Error): void;
  subscribed(channel: string): void;
  subscribeFailed(error: Error, channel: string): void;
  unsubscribed(channel: string): void;
  /** The payload lies in the source's buffer from `start` to `end`. */
  publication(channel: string, offset: number, source: PayloadSource, start: number, end: number): void;
  changed(keys: readonly string[], command: string): void;
  memberChanged(channel: string, event: MemberEvent, member: string, info: unknown): void;
}

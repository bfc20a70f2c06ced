import type { Buffer } from 'node:buffer';
import type { ShardStatus } from '../store.js';
import type { Encoded } from '../values.js';
import type { CommandName } from '../wire/codes.js';

/** Reads the value of a reply, which lies in the buffer from `start` to `end`. */
export type ReplyDecoder = (buffer: Buffer, start: number, end: number) => unknown;

/** One store, as its client sees it: by a link, or in this process. */
export interface Shard {
  readonly name: string;
  /** Gives a command. Rejects with an error of the registry; never throws. */
  call(
    name: CommandName,
    keys: readonly string[],
    options: object | undefined,
    payload: Encoded | undefined,
    decode: ReplyDecoder,
  ): Promise<unknown>;
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  subscriptions(): string[];
  isSubscribed(channel: string): boolean;
  status(): ShardStatus;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** What a shard tells its client. */
export interface ShardListener {
  ready(shard: Shard): void;
  lost(shard: Shard, error: Error): void;
  /** It has ended; with an error if that was not asked for. */
  ended(shard: Shard, error: Error | undefined): void;
  warned(shard: Shard, error: Error): void;
  subscribed(channel: string): void;
  subscribeFailed(error: Error, channel: string): void;
  unsubscribed(channel: string): void;
  publication(channel: string, payload: Uint8Array, offset: number): void;
}

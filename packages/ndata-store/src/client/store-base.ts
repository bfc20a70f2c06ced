import type { Buffer } from 'node:buffer';
import { EventEmitter } from 'eventemitter3';
import { InvalidArgumentsError } from 'sc-protocol';
import type { Call } from '../calls/call.js';
import type { PayloadListener } from '../store/channel-store.js';
import type { ShardStatus, StoreEvents } from '../store/store.js';
import { decodeValue } from '../values.js';
import { warnProcess } from '../warn-process.js';
import { ChangeListeners } from './change-listeners.js';
import { shardOfName } from './cluster/rendezvous.js';
import type { PayloadSource, Shard, ShardOwner } from './shard.js';

/** What every store client has beneath its commands: shards, and what they tell. */
export class StoreBase extends EventEmitter<StoreEvents> {
  onPayload: PayloadListener | undefined = undefined;
  protected readonly shards: readonly Shard[];
  protected readonly changeListeners = new ChangeListeners();
  #endedShards = 0;

  constructor(makeShards: (listener: ShardOwner) => readonly Shard[]) {
    super();
    this.shards = makeShards(this.#listen());
  }

  status(): ShardStatus[] {
    return this.shards.map((shard) => shard.status());
  }

  async drain(): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.drain()));
  }

  async close(): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.close()));
  }

  /** The shard that has a channel, or a root key with all beneath it. */
  protected shardOf(name: string): Shard {
    const shard = this.shards[shardOfName(name, this.shards.length)];
    if (shard === undefined) throw new InvalidArgumentsError('There is no shard');
    return shard;
  }

  /** Gives the command to the shard of its first key. What making it throws is a rejection. */
  protected issue(make: () => Call): Promise<unknown> {
    try {
      const call = make();
      return this.shardOf(call.keys[0] ?? '').call(call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `issue`, for a command that nobody waits for. Throws what making it throws. */
  protected issueWithoutAck(call: Call): void {
    this.shardOf(call.keys[0] ?? '').send(call);
  }

  /** Gives the command to every shard; answers with one value for each. */
  protected everywhere(make: () => Call): Promise<unknown[]> {
    try {
      const call = make();
      return Promise.all(this.shards.map((shard) => shard.call(call)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #listen(): ShardOwner {
    return {
      ready: (shard) => {
        this.emit('shardReady', shard.name);
        if (this.shards.every((each) => each.status().state === 'ready')) this.emit('ready');
      },
      lost: (shard, error) => void this.emit('shardLost', shard.name, error),
      ended: (_shard, error) => {
        if (error !== undefined) this.#warn(error);
        if (++this.#endedShards === this.shards.length) this.emit('close');
      },
      warned: (error) => this.#warn(error),
      subscribed: (channel) => void this.emit('subscribe', channel),
      subscribeFailed: (error, channel) => void this.emit('subscribeFail', error, channel),
      unsubscribed: (channel) => void this.emit('unsubscribe', channel),
      publication: (channel, offset, source, start, end) => this.#publication(channel, offset, source, start, end),
      changed: (keys, command) => this.#guard(() => this.changeListeners.tell({ keyChain: keys, command })),
      memberChanged: (channel, event, id, info) =>
        this.#guard(() => this.emit(event === 'join' ? 'memberJoin' : 'memberLeave', channel, { id, info })),
    };
  }

  /** Hot path: the bytes are copied only for who keeps them. */
  #publication(channel: string, offset: number, source: PayloadSource, start: number, end: number): void {
    try {
      const { onPayload } = this;
      const hasListeners = this.listenerCount('message') > 0;
      if (onPayload === undefined) {
        if (hasListeners) this.emit('message', channel, decodePayload(source.buffer, start, end));
        return;
      }
      const payload = source.keep(start, end);
      onPayload(channel, payload, offset);
      if (hasListeners) this.emit('message', channel, decodePayload(payload, 0, payload.length));
    } catch (error) {
      // A listener's fault is not the link's.
      this.#warn(error as Error);
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#warn(error as Error);
    }
  }

  #warn(error: Error): void {
    // An error that nobody listens to must not vanish.
    if (!this.emit('error', error)) warnProcess(error);
  }
}

function decodePayload(buffer: Buffer, start: number, end: number): unknown {
  try {
    return decodeValue(buffer, start, end);
  } catch {
    // What a publisher sends as bytes need not be a value; then it is what it is.
    return Uint8Array.from(buffer.subarray(start, end));
  }
}

import { InvalidArgumentsError } from 'sc-protocol';
import type { CallShards } from '../commands/define.js';
import type { ShardStatus } from '../store.js';
import { shardOfName } from './rendezvous.js';
import type { Shard } from './shard.js';

/** The shards of one client. */
export class Shards implements CallShards {
  readonly all: readonly Shard[];

  constructor(all: readonly Shard[]) {
    this.all = all;
  }

  /** Hot path. */
  of(name: string): Shard {
    const shard = this.all[shardOfName(name, this.all.length)];
    if (shard === undefined) throw new InvalidArgumentsError('There is no shard');
    return shard;
  }

  get areReady(): boolean {
    return this.all.every((shard) => shard.status().state === 'ready');
  }

  status(): ShardStatus[] {
    return this.all.map((shard) => shard.status());
  }

  async drain(): Promise<void> {
    await Promise.all(this.all.map((shard) => shard.drain()));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((shard) => shard.close()));
  }
}

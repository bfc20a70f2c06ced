import type { Buffer } from 'node:buffer';
import { EventEmitter } from 'eventemitter3';
import { InvalidArgumentsError } from 'sc-protocol';
import { toChannel } from '../channel-name.js';
import type { ChannelHandle, ChannelSink, OpenOptions } from '../channel-sink.js';
import { publishCall } from '../commands/channels.js';
import type { PublishOptions, Published } from '../commands/channels.js';
import type { ClientMethod } from '../commands/define.js';
import { clientMethods } from '../commands/table.js';
import type { CommandMethods } from '../commands/table.js';
import { unwatch, watch } from '../commands/watch.js';
import type { Publication } from '../data/publication.js';
import { toKeysInside } from '../key-chain.js';
import type { KeyChain } from '../key-chain.js';
import type { MemberSink, Membership, MembershipEnd } from '../member-sink.js';
import type { OrderListener } from '../order-store.js';
import type { ChangeListener, PayloadListener, ShardStatus, Store, StoreEvents } from '../store.js';
import { asBuffer, decodeValue } from '../values.js';
import type { Encoded } from '../values.js';
import { warnProcess } from '../warn-process.js';
import { ChangeListeners } from './change-listeners.js';
import { attempt, runMethod } from './run-method.js';
import type { OrderLane } from './order-lane.js';
import type { PublishNumbers } from './publish-numbers.js';
import type { Shard, ShardOwner } from './shard.js';
import { Shards } from './shards.js';

// The static block below defines the methods of the command table.
const CommandEmitter = EventEmitter as unknown as new () => EventEmitter<StoreEvents> & CommandMethods;

/** A client of a store with any number of shards. Its commands come from the command table. */
export class StoreClient extends CommandEmitter implements Store {
  onPayload: PayloadListener | undefined = undefined;
  readonly #shards: Shards;
  readonly #changeListeners = new ChangeListeners();
  readonly #numbers: PublishNumbers | undefined;
  #endedShards = 0;

  static {
    for (const [name, method] of Object.entries<ClientMethod<never[], unknown>>(clientMethods)) {
      const value = function (this: StoreClient, ...args: unknown[]): Promise<unknown> {
        return runMethod(method, this.#shards, args);
      };
      Object.defineProperty(this.prototype, name, { value, configurable: true, writable: true });
    }
  }

  /** With `numbers`, a publication in flight at a link loss is resent and published only once. */
  constructor(makeShards: (owner: ShardOwner) => readonly Shard[], numbers?: PublishNumbers) {
    super();
    this.#numbers = numbers;
    this.#shards = new Shards(makeShards(this.#ownShards()));
  }

  open(channel: string, sink: ChannelSink, { since }: OpenOptions = {}): ChannelHandle {
    return this.#shards.of(toChannel(channel)).open(channel, sink, since);
  }

  openMembers(channel: string, sink: MemberSink): () => Promise<void> {
    return this.#shards.of(toChannel(channel)).members.watches.open(channel, sink);
  }

  holdMember(membership: Membership): void {
    this.#shards.of(toChannel(membership.channel)).members.hold(membership);
  }

  endMember({ channel, user, socket }: Membership, end: MembershipEnd): void {
    const ended = this.#shards.of(toChannel(channel)).members.end(channel, user, socket, end);
    ended.catch((error: unknown) => this.#warn(error as Error));
  }

  subscriptions(): string[] {
    return this.#shards.all.flatMap((shard) => shard.subscriptions());
  }

  isSubscribed(channel: string): boolean {
    return this.#shards.of(channel).isSubscribed(channel);
  }

  /** Hot path. */
  publishPayload(channel: string, payload: Encoded, options?: PublishOptions): Promise<Published> {
    return attempt(() => {
      const given = this.#numbers === undefined ? options : this.#numbers.number(channel, options);
      // A publisher with its own numbers may resend a publication through another process.
      const orderedBy = options?.seq === undefined ? undefined : options.publisher;
      return this.#shards.of(channel).call(publishCall(channel, payload, given, orderedBy));
    });
  }

  /** Hot path. */
  publishWithoutAck(channel: string, payload: Encoded, options?: PublishOptions): void {
    this.#shards.of(channel).send(publishCall(channel, payload, options));
  }

  watch(key: KeyChain, listener: ChangeListener): Promise<void> {
    return attempt(() => {
      this.#changeListeners.add(toKeysInside(key), listener);
      return watch.client(this.#shards, key);
    });
  }

  async unwatch(key: KeyChain, listener?: ChangeListener): Promise<void> {
    if (this.#changeListeners.remove(toKeysInside(key), listener)) await unwatch.client(this.#shards, key);
  }

  giveOrder(data: unknown): Promise<void> {
    return attempt(() => this.#orders.give(data));
  }

  takeOrders(listener: OrderListener): () => void {
    return this.#orders.listen(listener);
  }

  status(): ShardStatus[] {
    return this.#shards.status();
  }

  drain(): Promise<void> {
    return this.#shards.drain();
  }

  close(): Promise<void> {
    return this.#shards.close();
  }

  /** All orders go through one store, so that they have a total order. */
  get #orders(): OrderLane {
    const [shard] = this.#shards.all;
    if (shard === undefined) throw new InvalidArgumentsError('There is no shard');
    return shard.orders;
  }

  #ownShards(): ShardOwner {
    return {
      ready: (shard) => {
        this.emit('shardReady', shard.name);
        if (this.#shards.areReady) this.emit('ready');
      },
      lost: (shard, error) => void this.emit('shardLost', shard.name, error),
      ended: (_shard, error) => {
        if (error !== undefined) this.#warn(error);
        if (++this.#endedShards === this.#shards.all.length) this.emit('close');
      },
      warned: (error) => this.#warn(error),
      subscribed: (channel) => void this.emit('subscribe', channel),
      subscribeFailed: (error, channel) => void this.emit('subscribeFail', error, channel),
      unsubscribed: (channel) => void this.emit('unsubscribe', channel),
      publication: (publication) => this.#publication(publication),
      publicationsLost: (channel, count) => this.#guard(() => this.emit('publicationsLost', channel, count)),
      changed: (keys, command) => this.#guard(() => this.#changeListeners.tell({ keyChain: keys, command })),
      membersLost: (channel) => this.#guard(() => this.emit('membersLost', channel)),
      memberChanged: (channel, event, member) => this.#guard(() => this.emit(memberEvents[event], channel, member)),
    };
  }

  /** Hot path. */
  #publication({ channel, payload, offset }: Publication): void {
    this.onPayload?.(channel, payload, offset);
    if (this.listenerCount('message') > 0) this.emit('message', channel, decodePayload(asBuffer(payload)));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#warn(error as Error);
    }
  }

  #warn(error: Error): void {
    // Without a listener the error would be lost.
    if (!this.emit('error', error)) warnProcess(error);
  }
}

const memberEvents = { join: 'memberJoin', leave: 'memberLeave', update: 'memberUpdate' } as const;

function decodePayload(payload: Buffer): unknown {
  try {
    return decodeValue(payload);
  } catch {
    // A payload published as bytes is not necessarily an encoded value.
    return Uint8Array.from(payload);
  }
}

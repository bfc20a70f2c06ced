import { Buffer } from 'node:buffer';
import { AbortedError, HandlerError, InvalidActionError, ScError } from 'sc-protocol';
import type { Call } from '../commands/call.js';
import { requestOf, valueOf } from '../commands/call.js';
import { subscribe, unsubscribe } from '../commands/channels.js';
import type { ReadyReply, Reply } from '../core/command.js';
import { Caller } from '../core/caller.js';
import type { MemberDiff } from '../data/channel-members.js';
import type { StoreCore } from '../core/store-core.js';
import type { Order } from '../data/orders.js';
import type { Publication } from '../data/publication.js';
import type { ChannelHandle, ChannelSink, Since } from '../channel-sink.js';
import type { ShardStatus } from '../store.js';
import { ChannelSinks } from './channel-sinks.js';
import { ChannelSubscriptions } from './channel-subscriptions.js';
import type { ControlCall } from './link/pending-calls.js';
import type { PushTargets } from './link/route-push.js';
import type { ControlLane } from './link/subscriptions.js';
import { MemberLane } from './member-lane.js';
import { OrderLane } from './order-lane.js';
import type { Shard, ShardOwner } from './shard.js';

/** A store in this process, with the same commands as a store behind a link. */
export class LocalShard implements Shard, ControlLane {
  readonly name = 'local';
  readonly orders: OrderLane;
  readonly members: MemberLane;
  readonly #core: StoreCore;
  readonly #owner: ShardOwner;
  readonly #sinks: ChannelSinks;
  readonly #promised: ChannelSubscriptions;
  readonly #caller: LocalCaller;
  #isClosed = false;

  constructor(core: StoreCore, owner: ShardOwner) {
    this.#core = core;
    this.#owner = owner;
    this.#sinks = new ChannelSinks((error) => owner.warned(error));
    this.#promised = new ChannelSubscriptions({
      shard: this,
      timeoutMs: Infinity,
      reason: () => undefined,
      owner,
    });
    this.orders = new OrderLane({
      lane: this,
      isLocal: true,
      timeoutMs: 10_000,
      onError: (error) => owner.warned(error),
    });
    const onError = (error: Error): void => owner.warned(error);
    const [timeoutMs, reason] = [Infinity, (): undefined => undefined];
    this.members = new MemberLane({ lane: this, timeoutMs, reason, onError, onEvent: owner.memberChanged });
    const { watches } = this.members;
    this.#caller = new LocalCaller(
      { core, owner, sinks: this.#sinks, orders: this.orders, watches },
      () => this.#isClosed,
    );
    const renewal = this.members.renewal();
    while (renewal.next().done !== true);
    // In the next microtask, so that the caller can add listeners first, as with a link.
    queueMicrotask(() => {
      if (!this.#isClosed) owner.ready(this);
    });
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  async call<Result>(call: Call<Result>): Promise<Result> {
    try {
      return valueOf(call, await this.#perform(call));
    } catch (error) {
      if (error instanceof ScError) throw error;
      this.#owner.warned(error as Error);
      throw new HandlerError('The store failed to execute this command', undefined, { cause: error });
    }
  }

  /** Hot path. */
  send(call: Call): void {
    try {
      const reply = this.#perform(call);
      if (reply instanceof Promise) reply.catch((error: unknown) => this.#owner.warned(error as Error));
    } catch (error) {
      this.#owner.warned(error as Error);
    }
  }

  retain(_id: string, call: Call): Promise<unknown> {
    return this.call(call);
  }

  release(_id: string, undo: Call): Promise<unknown> {
    return this.call(undo);
  }

  /** Runs an internal call: subscriptions, orders and members. */
  control(control: ControlCall): void {
    try {
      const reply = this.#perform(control.call);
      const settle = (ready: ReadyReply): void => {
        const bytes = bytesOf(ready);
        control.settled(bytes, 0, bytes.length);
      };
      if (reply instanceof Promise) reply.then(settle, (error: unknown) => control.failed(error as Error));
      else settle(reply);
    } catch (error) {
      control.failed(error as Error);
    }
  }

  open(channel: string, sink: ChannelSink, since: Since | undefined): ChannelHandle {
    if (this.#isClosed) throw new InvalidActionError('The store client is closed');
    const entry = this.#sinks.add(channel, sink, since);
    entry.state = 'asked';
    const call = subscribe.call(channel, since?.());
    this.control({
      call,
      // Queued behind publications that are already scheduled for delivery.
      settled: (buffer, start, end) => {
        const page = call.decode(buffer, start, end);
        this.#caller.later(() => {
          if (entry.state === 'asked') this.#sinks.subscribed(entry, page);
        });
      },
      failed: (error) => this.#caller.later(() => this.#sinks.refused(entry, error)),
    });
    return {
      close: () => {
        if (!this.#sinks.remove(entry) || this.#isClosed) return Promise.resolve();
        return this.call(unsubscribe.call(channel));
      },
    };
  }

  subscribe(channel: string): Promise<void> {
    return this.#promised.subscribe(channel);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#promised.unsubscribe(channel);
  }

  subscriptions(): string[] {
    return this.#sinks.open();
  }

  isSubscribed(channel: string): boolean {
    return this.#sinks.isOpen(channel);
  }

  status(): ShardStatus {
    return {
      name: this.name,
      state: this.#isClosed ? 'closed' : 'ready',
      pendingCalls: 0,
      unacked: 0,
      refused: 0,
      lost: 0,
      linksLost: 0,
      subscriptions: this.#sinks.size,
    };
  }

  drain(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      const reason = new AbortedError('The store client was closed');
      this.orders.end(reason);
      this.members.close(reason);
      this.#isClosed = true;
      try {
        this.#core.leave(this.#caller);
      } catch (error) {
        // The last will failed; close the client in any case.
        this.#owner.warned(error as Error);
      }
      this.#sinks.end(reason);
      this.#owner.ended(this, undefined);
    }
    return Promise.resolve();
  }

  #perform(call: Call): Reply {
    if (this.#isClosed) throw new InvalidActionError('The store client is closed');
    const command = this.#core.commands.byCode[call.code];
    if (command === undefined) throw new InvalidActionError(`The store has no command "${call.name}"`);
    return this.#core.perform(command, requestOf(call), this.#caller);
  }
}

/**
 * Defers notifications to a microtask: an owner that publishes from a notification must not get ahead of other
 * receivers of that notification.
 */
class LocalCaller extends Caller {
  readonly #targets: PushTargets & { readonly core: StoreCore };
  readonly #isClosed: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(targets: PushTargets & { readonly core: StoreCore }, isClosed: () => boolean) {
    super();
    this.#targets = targets;
    this.#isClosed = isClosed;
  }

  deliver(publication: Publication): void {
    const { sinks } = this.#targets;
    this.later(() => {
      if (sinks.wants(publication.channel)) sinks.deliver(publication);
    });
  }

  order({ number, giver, giverNumber, data }: Order): void {
    const bytes = bytesOf(data);
    this.later(() => this.#targets.orders.take(giver, giverNumber, number, bytes, 0, bytes.length));
  }

  changed(keys: readonly string[], command: string): void {
    const { core, owner } = this.#targets;
    core.whenWritten(() => this.later(() => owner.changed(keys, command)));
  }

  membersChanged(channel: string, diff: string): void {
    const { core, watches } = this.#targets;
    core.whenWritten(() => this.later(() => watches.take(channel, JSON.parse(diff) as MemberDiff)));
  }

  later(action: () => void): void {
    if (this.#waiting.push(action) > 1) return;
    queueMicrotask(() => {
      for (const each of this.#waiting.splice(0)) if (!this.#isClosed()) each();
    });
  }
}

function bytesOf(reply: ReadyReply): Buffer {
  if (reply === undefined) return Buffer.alloc(0);
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : Buffer.from(reply);
}

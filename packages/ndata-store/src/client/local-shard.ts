import type { Buffer } from 'node:buffer';
import { HandlerError, InvalidActionError, ScError } from 'sc-protocol';
import { requestOf, valueOf } from '../commands/call.js';
import type { Call } from '../commands/call.js';
import { subscribe, unsubscribe } from '../commands/channels.js';
import { Caller } from '../core/caller.js';
import type { Reply } from '../core/command.js';
import type { MemberEvent } from '../data/members.js';
import type { StoreCore } from '../core/store-core.js';
import type { Publication } from '../data/topics.js';
import type { ShardStatus } from '../store.js';
import { asBuffer, decodeStored } from '../values.js';
import type { StoredValue } from '../values.js';
import type { PayloadSource, Shard, ShardOwner } from './shard.js';

/** A store in this process, behind the same commands as one behind a link. */
export class LocalShard implements Shard {
  readonly name = 'local';
  readonly #core: StoreCore;
  readonly #owner: ShardOwner;
  readonly #caller: LocalCaller;
  #isClosed = false;

  constructor(core: StoreCore, owner: ShardOwner) {
    this.#core = core;
    this.#owner = owner;
    this.#caller = new LocalCaller(core, owner, () => this.#isClosed);
    // As with a link, whoever made the client can listen before it is ready.
    queueMicrotask(() => {
      if (!this.#isClosed) owner.ready(this);
    });
  }

  async call<Result>(call: Call<Result>): Promise<Result> {
    try {
      return valueOf(call, await this.#perform(call));
    } catch (error) {
      if (error instanceof ScError) throw error;
      this.#owner.warned(error as Error);
      throw new HandlerError('The store failed at this command', undefined, { cause: error });
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

  async subscribe(channel: string): Promise<void> {
    const isNew = !this.#caller.channels.has(channel);
    await this.call(subscribe.call(channel));
    if (isNew) this.#owner.subscribed(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    if (!this.#caller.channels.has(channel)) return;
    await this.call(unsubscribe.call(channel));
    this.#owner.unsubscribed(channel);
  }

  subscriptions(): string[] {
    return [...this.#caller.channels];
  }

  isSubscribed(channel: string): boolean {
    return this.#caller.channels.has(channel);
  }

  status(): ShardStatus {
    return {
      name: this.name,
      state: this.#isClosed ? 'closed' : 'ready',
      pendingCalls: 0,
      unacked: 0,
      refused: 0,
      lost: 0,
      subscriptions: this.#caller.channels.size,
    };
  }

  drain(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      try {
        this.#core.leave(this.#caller);
      } catch (error) {
        // Its last will failed; the store ends all the same.
        this.#owner.warned(error as Error);
      }
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

/** Tells later in the same turn: a owner that publishes must not get ahead of others that wait for this one. */
class LocalCaller extends Caller {
  readonly #core: StoreCore;
  readonly #owner: ShardOwner;
  readonly #isClosed: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(core: StoreCore, owner: ShardOwner, isClosed: () => boolean) {
    super();
    this.#core = core;
    this.#owner = owner;
    this.#isClosed = isClosed;
  }

  deliver({ channel, payload, offset }: Publication): void {
    const source = new OwnPayload(asBuffer(payload));
    this.#later(() => this.#owner.publication(channel, offset, source, 0, payload.length));
  }

  changed(keys: readonly string[], command: string): void {
    this.#core.whenWritten(() => this.#later(() => this.#owner.changed(keys, command)));
  }

  memberChanged(channel: string, event: MemberEvent, member: string, info: StoredValue): void {
    const decoded = info === '' ? undefined : decodeStored(info);
    const tell = (): void => this.#owner.memberChanged(channel, event, member, decoded);
    this.#core.whenWritten(() => this.#later(tell));
  }

  #later(action: () => void): void {
    if (this.#waiting.push(action) > 1) return;
    queueMicrotask(() => {
      for (const each of this.#waiting.splice(0)) if (!this.#isClosed()) each();
    });
  }
}

/** A payload that belongs to who gets it. */
class OwnPayload implements PayloadSource {
  readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  keep(): Buffer {
    return this.buffer;
  }
}

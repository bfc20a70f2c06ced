import { Buffer } from 'node:buffer';
import { InvalidActionError } from 'sc-protocol';
import { commandTable } from '../commands/index.js';
import type { Origin } from '../core/origin.js';
import type { StoreCore } from '../core/store-core.js';
import type { Publication } from '../core/topics.js';
import type { ShardStatus } from '../store.js';
import { toBytes } from '../values.js';
import type { Encoded } from '../values.js';
import { commandCodes } from '../wire/codes.js';
import type { CommandName } from '../wire/codes.js';
import { CommandRequest } from '../wire/request.js';
import { nothing } from './arguments.js';
import type { ReplyDecoder, Shard, ShardListener } from './shard.js';

const none: Buffer = Buffer.alloc(0);

/** A store in this process, behind the same commands as one behind a link. */
export class LocalShard implements Shard {
  readonly name = 'local';
  readonly #core: StoreCore;
  readonly #listener: ShardListener;
  readonly #origin: Origin;
  #deliveries: Publication[] = [];
  #isClosed = false;

  constructor(core: StoreCore, listener: ShardListener) {
    this.#core = core;
    this.#listener = listener;
    this.#origin = { channels: new Set(), deliver: (publication) => this.#deliver(publication) };
    // As with a link, whoever made the client can listen before it is ready.
    queueMicrotask(() => {
      if (!this.#isClosed) listener.ready(this);
    });
  }

  async call(
    name: CommandName,
    keys: readonly string[],
    options: object | undefined,
    payload: Encoded | undefined,
    decode: ReplyDecoder,
  ): Promise<unknown> {
    if (this.#isClosed) throw new InvalidActionError('The store client is closed');
    const command = commandTable[commandCodes[name]];
    if (command === undefined) throw new InvalidActionError(`The store has no command "${name}"`);
    const request = new CommandRequest();
    request.keys = keys;
    if (options !== undefined) request.options = options as Record<string, unknown>;
    // A copy: the caller may use its bytes again, and subscribers keep theirs.
    request.buffer = payload === undefined ? none : Buffer.from(toBytes(payload));
    request.end = request.buffer.length;
    const reply = await this.#core.execute(command, request, this.#origin);
    if (reply === undefined) return decode(none, 0, 0);
    const bytes = typeof reply === 'string' ? Buffer.from(reply, 'latin1') : Buffer.from(toBytes(reply));
    return decode(bytes, 0, bytes.length);
  }

  async subscribe(channel: string): Promise<void> {
    const isNew = !this.#origin.channels.has(channel);
    await this.call('subscribe', [channel], undefined, undefined, nothing);
    if (isNew) this.#listener.subscribed(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    if (!this.#origin.channels.has(channel)) return;
    await this.call('unsubscribe', [channel], undefined, undefined, nothing);
    this.#listener.unsubscribed(channel);
  }

  subscriptions(): string[] {
    return [...this.#origin.channels];
  }

  isSubscribed(channel: string): boolean {
    return this.#origin.channels.has(channel);
  }

  status(): ShardStatus {
    return {
      name: this.name,
      state: this.#isClosed ? 'closed' : 'ready',
      pendingCalls: 0,
      subscriptions: this.#origin.channels.size,
    };
  }

  drain(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#deliveries = [];
      this.#core.leave(this.#origin);
      this.#listener.ended(this, undefined);
    }
    return Promise.resolve();
  }

  /** Later in the same turn: a listener that publishes must not get ahead of others that wait for this one. */
  #deliver(publication: Publication): void {
    if (this.#deliveries.push(publication) > 1) return;
    queueMicrotask(() => {
      const deliveries = this.#deliveries;
      this.#deliveries = [];
      for (const { channel, payload, offset } of deliveries) {
        if (!this.#isClosed) this.#listener.publication(channel, payload, offset);
      }
    });
  }
}

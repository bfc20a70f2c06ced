import {
  ChannelSet,
  Emitter,
  type ChannelOwner,
  type PublishCallback,
  type SCChannel,
  type SubscribeOptions,
  type Watcher,
} from 'sc-channel';
import { InvalidArgumentsError, encodeJson, nameProblem } from 'sc-protocol';
import type { Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { decodePayload } from '../serving/encoding.js';
import { isInternalChannel } from '../serving/internal-channel.js';
import { quiet } from '../serving/quiet.js';
import { dataCommands, type StoreData } from './store-data.js';
import type { Topics } from './topics.js';

const noPayload = new Uint8Array(0);

export type ExchangeEvents = {
  subscribe: [channel: string];
  subscribeFail: [error: unknown, channel: string];
  unsubscribe: [channel: string];
};

/**
 * Publishes and subscribes across all workers, and holds data they share: every data command of a store, spread over
 * all stores. Channels have the same API as on the client.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- the constructor assigns every command
export interface Exchange extends StoreData {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export class Exchange extends Emitter<ExchangeEvents> {
  readonly #store: Store;
  /** The last request for each channel that is wanted. */
  readonly #asked = new Map<string, number>();
  #requests = 0;
  readonly #channels: ChannelSet;
  readonly #logger: Logger;

  /** @internal */
  constructor(store: Store, topics: Topics, logger: Logger) {
    super((error) => logger.error('A listener of the exchange failed', { error }));
    this.#store = store;
    this.#logger = logger;
    Object.assign(this, dataCommands(store));
    const owner: ChannelOwner = {
      requestSubscribe: ({ name }) => {
        const request = ++this.#requests;
        this.#asked.set(name, request);
        topics.acquire(name).then(
          () => {
            if (this.#asked.get(name) === request) this.#channels.subscribed(name);
          },
          (error: unknown) => {
            // Taken back meanwhile, or asked for anew: then this answer is nobody's.
            if (this.#asked.get(name) !== request) return;
            this.#asked.delete(name);
            topics.release(name);
            this.#channels.failed(name, error);
          },
        );
      },
      requestUnsubscribe: (name) => {
        this.#asked.delete(name);
        topics.release(name);
      },
      publish: (name, data) => this.publish(name, data),
      reportError: (error) => logger.error('A watcher of the exchange failed', { error }),
      channelEvent: (event) => {
        if (isInternalChannel(event.channel)) return;
        if (event.type === 'subscribe' || event.type === 'unsubscribe') this.emit(event.type, event.channel);
        else if (event.type === 'subscribeFail') this.emit('subscribeFail', event.error, event.channel);
      },
    };
    this.#channels = new ChannelSet(owner);
  }

  /**
   * Publishes to every subscriber in the cluster. Settles when the store has accepted it; rejects when the data cannot
   * be encoded or the store cannot be reached in time. The promise may be left alone.
   */
  publish(channel: string, data?: unknown, callback?: PublishCallback): Promise<void> {
    const published = quiet(this.#publish(channel, data));
    if (callback !== undefined) {
      published
        .then(
          () => callback(null),
          (error: unknown) => callback(error),
        )
        .catch((error: unknown) => this.#logger.error('The callback of a publication failed', { error }));
    }
    return published;
  }

  subscribe<Data = unknown>(channel: string, options?: SubscribeOptions): SCChannel<Data> {
    return this.channel<Data>(channel).subscribe(options);
  }

  unsubscribe(channel: string): void {
    this.#channels.get(channel)?.unsubscribe();
  }

  channel<Data = unknown>(channel: string): SCChannel<Data> {
    return this.#channels.channel<Data>(channel);
  }

  destroyChannel(channel: string): void {
    this.#channels.get(channel)?.destroy();
  }

  subscriptions(includePending = false): string[] {
    return this.#channels.subscriptions(includePending).filter((channel) => !isInternalChannel(channel));
  }

  isSubscribed(channel: string, includePending = false): boolean {
    return this.#channels.get(channel)?.isSubscribed(includePending) ?? false;
  }

  watch(channel: string, watcher: Watcher<unknown>): void {
    this.channel(channel).watch(watcher);
  }

  unwatch(channel: string, watcher?: Watcher<unknown>): void {
    this.#channels.get(channel)?.unwatch(watcher);
  }

  watchers(channel: string): Watcher<unknown>[] {
    return this.#channels.get(channel)?.watchers() ?? [];
  }

  /** @internal Hands a publication to this process's own watchers; the data is decoded only when there are some. */
  deliver(channel: string, payload: Uint8Array): void {
    if (this.#channels.get(channel)?.isSubscribed(true)) this.#channels.deliver(channel, decodePayload(payload));
  }

  /** @internal */
  close(): void {
    this.#channels.clear();
  }

  async #publish(channel: string, data: unknown): Promise<void> {
    const problem = nameProblem(channel);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    await this.#store.publishPayload(channel, data === undefined ? noPayload : Buffer.from(encodeJson(data)));
  }
}

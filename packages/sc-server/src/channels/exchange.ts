import {
  ChannelSet,
  Emitter,
  type ChannelOwner,
  type SCChannel,
  type SubscribeOptions,
  type Watcher,
  channelOptionChecks,
} from 'sc-channel';
import { InvalidArgumentsError, nameProblem, type AppShape } from 'sc-protocol';
import type { Store } from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { isInternalChannel } from './internal-channel.js';
import { quiet } from '../kit/quiet.js';
import type { ChannelData, ChannelName, PublishArguments } from '../app-types.js';
import { decodePayload, encodePayload } from './payload.js';
import { dataCommands, type StoreData } from './store-data.js';
import type { Topics } from './channel-leases.js';

export type ExchangeEvents = {
  subscribe: [channel: string];
  subscribeFail: [error: unknown, channel: string];
  unsubscribe: [channel: string];
};

/**
 * Publishes and subscribes across all workers, and holds data they share: every data command of a store, spread over
 * all stores. Channels have the same API as on the client.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- the constructor assigns every command; parameters repeat the class
export interface Exchange<App extends AppShape = AppShape> extends StoreData {}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export class Exchange<App extends AppShape = AppShape> extends Emitter<ExchangeEvents> {
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
      optionChecks: channelOptionChecks,
      requestUnsubscribe: (name) => {
        this.#asked.delete(name);
        topics.release(name);
      },
      publish: (name, data) => quiet(this.#publish(name, data, false)),
      reportError: (error) => logger.error('A watcher of the exchange failed', { error }),
      channelEvent: (event, ...args) => {
        if (event === 'subscribeStateChange' || event === 'kickOut') return;
        // The name of the channel comes last; a refusal has its error before it.
        const [first, last = first] = args as [unknown, unknown?];
        const channel = last as string;
        if (isInternalChannel(channel)) return;
        if (event === 'subscribeFail') this.emit(event, first, channel);
        else this.emit(event, channel);
      },
    };
    this.#channels = new ChannelSet(owner);
  }

  /**
   * Publishes to every subscriber in the cluster. Settles when the store has accepted it; rejects when the data cannot
   * be encoded or the store cannot be reached in time. The promise may be left alone.
   */
  publish<Name extends ChannelName<App>>(channel: Name, ...args: PublishArguments<App, Name>): Promise<void> {
    const [data, options, callback] = args as unknown as PublishArguments<AppShape, string>;
    const done = typeof options === 'function' ? options : callback;
    const isVolatile = typeof options === 'object' && options.volatile === true;
    const published = quiet(this.#publish(channel, data, isVolatile));
    if (done !== undefined) {
      published
        .then(
          () => done(null),
          (error: unknown) => done(error),
        )
        .catch((error: unknown) => this.#logger.error('The callback of a publication failed', { error }));
    }
    return published;
  }

  subscribe<Name extends ChannelName<App>>(
    channel: Name,
    options?: SubscribeOptions,
  ): SCChannel<ChannelData<App, Name>> {
    return this.channel(channel).subscribe(options);
  }

  unsubscribe(channel: ChannelName<App>): void {
    this.#channels.get(channel)?.unsubscribe();
  }

  channel<Name extends ChannelName<App>>(channel: Name): SCChannel<ChannelData<App, Name>> {
    return this.#channels.channel(channel);
  }

  destroyChannel(channel: ChannelName<App>): void {
    this.#channels.get(channel)?.destroy();
  }

  subscriptions(includePending = false): string[] {
    return this.#channels.subscriptions(includePending).filter((channel) => !isInternalChannel(channel));
  }

  isSubscribed(channel: ChannelName<App>, includePending = false): boolean {
    return this.#channels.get(channel)?.isSubscribed(includePending) ?? false;
  }

  watch<Name extends ChannelName<App>>(channel: Name, watcher: Watcher<ChannelData<App, Name>>): void {
    this.channel(channel).watch(watcher);
  }

  unwatch<Name extends ChannelName<App>>(channel: Name, watcher?: Watcher<ChannelData<App, Name>>): void {
    this.#channels.get(channel)?.unwatch(watcher as Watcher<unknown> | undefined);
  }

  watchers<Name extends ChannelName<App>>(channel: Name): Watcher<ChannelData<App, Name>>[] {
    return this.#channels.get(channel)?.watchers() ?? [];
  }

  /**
   * @internal Publishes for somebody who waits for nothing. What becomes of it, the store tells by its `error`. Throws
   * when the data cannot be encoded.
   */
  publishWithoutAck(channel: string, data: unknown, isVolatile?: boolean): void {
    this.#store.publishWithoutAck(channel, encodePayload(data, isVolatile));
  }

  /** @internal Hands a publication to this process's own watchers; the data is decoded only when there are some. */
  deliver(channel: string, payload: Uint8Array): void {
    if (this.#channels.get(channel)?.isSubscribed(true)) this.#channels.deliver(channel, decodePayload(payload));
  }

  /** @internal */
  close(): void {
    this.#channels.clear();
  }

  async #publish(channel: string, data: unknown, isVolatile: boolean): Promise<void> {
    const problem = nameProblem(channel);
    if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
    await this.#store.publishPayload(channel, encodePayload(data, isVolatile));
  }
}

import {
  ChannelSet,
  Emitter,
  type ChannelOwner,
  type SCChannel,
  type SubscribeOptions,
  type Watcher,
  channelOptionChecks,
} from 'sc-channel';
import {
  encodingError,
  isRetryable,
  InvalidArgumentsError,
  nameProblem,
  type AppShape,
  type HistoryAck,
} from 'sc-protocol';
import { showValue } from 'sc-protocol/kit';
import type {
  ChangeListener,
  KeepLimits,
  KeyChain,
  Member,
  PublishOptions,
  Published,
  Store,
  StreamPosition,
} from 'ndata-store';
import type { Logger } from '../log/logger.js';
import { isInternalChannel } from './internal-channel.js';
import { quiet } from '../kit/quiet.js';
import type { ChannelData, ChannelName, PublishArguments, PublishOptions as OnceOptions } from '../app-types.js';
import { decodePayload, encodePayload } from './payload.js';
import { readForClient, readHistory, readPosition, type HistoryOptions, type HistoryPage } from './history.js';
import { storeData, type StoreData } from './store-data.js';
import type { Feeds } from './feeds.js';

interface SubscribeRequest {
  isHeld: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Milliseconds before a failed subscription is retried. */
const retryMs = 500;

/** Events of an exchange. */
export type ExchangeEvents = {
  /** A subscription of a channel is established. */
  subscribe: [channel: string];
  /** The store refused a subscription. Retryable errors, such as an unavailable store, keep it pending. */
  subscribeFail: [error: unknown, channel: string];
  /** A subscription of a channel has ended. */
  unsubscribe: [channel: string];
  /** A member joined a channel that is watched with `watchMembers`. */
  memberJoin: [channel: string, member: Member];
  /** A member left a channel that is watched with `watchMembers`. */
  memberLeave: [channel: string, member: Member];
  /** The info of a member of a channel that is watched with `watchMembers` has changed. */
  memberUpdate: [channel: string, member: Member];
  /** Publications of a channel were lost: their number, or `undefined` if unknown. */
  publicationsLost: [channel: string, count: number | undefined];
};

/**
 * Publishes and subscribes across all workers, and holds shared data: it has every data command of a store, spread over
 * all stores, and the commands for members and history of channels. Channels have the same API as on the client.
 */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- the constructor assigns every command; parameters repeat the class
export interface Exchange<App extends AppShape = AppShape> extends StoreData {}

/**
 * Publishes and subscribes across all workers, and holds data they share. Channels have the same API as on the client.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export class Exchange<App extends AppShape = AppShape> extends Emitter<ExchangeEvents> {
  readonly #store: Store;
  /** The pending or active request of each subscribed channel. */
  readonly #requests = new Map<string, SubscribeRequest>();
  readonly #channels: ChannelSet;
  readonly #logger: Logger;
  readonly #onJoin = (channel: string, member: Member): void => void this.emit('memberJoin', channel, member);
  readonly #onLeave = (channel: string, member: Member): void => void this.emit('memberLeave', channel, member);
  readonly #onUpdate = (channel: string, member: Member): void => void this.emit('memberUpdate', channel, member);

  /** @internal */
  constructor(store: Store, topics: Feeds, logger: Logger) {
    super((error) => logger.error('A listener of the exchange failed', { error }));
    this.#store = store;
    this.#logger = logger;
    Object.assign(this, storeData(store));
    store.on('memberJoin', this.#onJoin);
    store.on('memberLeave', this.#onLeave);
    store.on('memberUpdate', this.#onUpdate);
    const owner: ChannelOwner = {
      requestSubscribe: ({ name }) => {
        const request: SubscribeRequest = { isHeld: false, timer: undefined };
        this.#requests.set(name, request);
        this.#ask(name, request, topics);
      },
      optionChecks: channelOptionChecks,
      requestUnsubscribe: (name) => {
        const request = this.#requests.get(name);
        this.#requests.delete(name);
        clearTimeout(request?.timer);
        if (request?.isHeld === true) topics.release(name);
      },
      publish: (name, data) => this.#publishOrLog(name, data),
      reportError: (error) => logger.error('A watcher of the exchange failed', { error }),
      channelEvent: (event, ...args) => {
        if (event === 'subscribeStateChange' || event === 'kickOut') return;
        // `subscribeFail` has the error before the channel name.
        const [first, second] = args as [unknown, unknown?];
        const channel = (event === 'subscribeFail' ? second : first) as string;
        if (isInternalChannel(channel)) return;
        if (event === 'subscribeFail') this.emit(event, first, channel);
        else this.emit(event, channel);
      },
    };
    this.#channels = new ChannelSet(owner);
  }

  /**
   * Publishes to every subscriber in the cluster, exactly once even if the link to the store is lost meanwhile.
   * Resolves when the store has accepted the publication: with its position if the channel keeps history, and with
   * `duplicate: true` if the store already had it. Rejects if the data cannot be encoded or the store cannot be reached
   * in time. The promise may be ignored.
   */
  publish<Name extends ChannelName<App>>(channel: Name, ...args: PublishArguments<App, Name>): Promise<Published> {
    const [data, options, callback] = args as unknown as PublishArguments<AppShape, string>;
    const done = typeof options === 'function' ? options : callback;
    const given = typeof options === 'object' ? options : undefined;
    if (done === undefined) return this.#publishOrLog(channel, data, given);
    const published = quiet(this.#publish(channel, data, given));
    published
      .then(
        (position) => done(null, position),
        (error: unknown) => done(error),
      )
      .catch((error: unknown) => this.#logger.error('The callback of a publication failed', { error }));
    return published;
  }

  /**
   * Publishes, and keeps the publication in the channel's history even without a channel rule. Resolves with its
   * position. If a rule applies, it decides how much is kept; otherwise the limits of the channel's first `append` do.
   * Rejects if the channel's rule keeps no history.
   */
  append<Name extends ChannelName<App>>(
    channel: Name,
    data: ChannelData<App, Name>,
    limits: KeepLimits = {},
  ): Promise<StreamPosition> {
    return quiet(this.#append(channel, data, limits));
  }

  /** Subscribes this process to a channel, and returns the shared handle. */
  subscribe<Name extends ChannelName<App>>(
    channel: Name,
    options?: SubscribeOptions,
  ): SCChannel<ChannelData<App, Name>> {
    return this.#channels.common<ChannelData<App, Name>>(channel).subscribe(options);
  }

  /** Ends the subscription of this process for all handles. */
  unsubscribe(channel: ChannelName<App>): void {
    this.#channels.get(channel)?.unsubscribe();
  }

  /** Returns a new handle of a channel, without subscribing. */
  channel<Name extends ChannelName<App>>(channel: Name): SCChannel<ChannelData<App, Name>> {
    return this.#channels.channel(channel);
  }

  /** Unsubscribes and removes all handlers of a channel. */
  destroyChannel(channel: ChannelName<App>): void {
    this.#channels.get(channel)?.destroy();
  }

  /** Names of the subscribed channels; with `includePending`, also of pending ones. */
  subscriptions(includePending = false): string[] {
    return this.#channels.subscriptions(includePending).filter((channel) => !isInternalChannel(channel));
  }

  /** Whether this process is subscribed to a channel. */
  isSubscribed(channel: ChannelName<App>, includePending = false): boolean {
    return this.#channels.get(channel)?.isSubscribed(includePending) ?? false;
  }

  /** Attaches a handler to the publications of a channel, without subscribing. */
  watch<Name extends ChannelName<App>>(channel: Name, watcher: Watcher<ChannelData<App, Name>>): void {
    this.#channels.common<ChannelData<App, Name>>(channel).watch(watcher);
  }

  /** Detaches a handler, or all handlers of a channel. */
  unwatch<Name extends ChannelName<App>>(channel: Name, watcher?: Watcher<ChannelData<App, Name>>): void {
    this.#channels.get(channel)?.unwatch(watcher as Watcher<unknown> | undefined);
  }

  /** The handlers attached to a channel. */
  watchers<Name extends ChannelName<App>>(channel: Name): Watcher<ChannelData<App, Name>>[] {
    return this.#channels.get(channel)?.watchers() ?? [];
  }

  /**
   * Reads the history that the channel's rule keeps: the newest publications, or those after a position. `recovered` is
   * true if they follow the position without a gap.
   */
  history<Name extends ChannelName<App>>(
    channel: Name,
    options: HistoryOptions = {},
  ): Promise<HistoryPage<ChannelData<App, Name>>> {
    return readHistory(this.#store, channel, options) as Promise<HistoryPage<ChannelData<App, Name>>>;
  }

  /** @internal Reads a page of a channel's history for a response to a client. */
  readPast(channel: string, options: HistoryOptions, maxBytes: number): Promise<HistoryAck> {
    return readForClient(this.#store, channel, options, maxBytes);
  }

  /** The position of a channel's newest publication, from which later ones can be read. */
  position(channel: ChannelName<App>): Promise<StreamPosition> {
    return readPosition(this.#store, channel);
  }

  /**
   * Notifies the listener of every write at, above or beneath a key chain of the shared data. In contrast, `watch` is
   * for channels.
   */
  watchKey(key: KeyChain, listener: ChangeListener): Promise<void> {
    return this.#store.watch(key, listener);
  }

  /** Removes a listener, or all listeners of the key chain. */
  unwatchKey(key: KeyChain, listener?: ChangeListener): Promise<void> {
    return this.#store.unwatch(key, listener);
  }

  /**
   * @internal Fire-and-forget publish. Failures are reported by the store's `error` event. Throws if the data cannot be
   * encoded.
   */
  publishWithoutAck(channel: string, data: unknown, isVolatile?: boolean): void {
    this.#store.publishWithoutAck(
      channel,
      encodePublication(channel, data),
      isVolatile === true ? volatileOptions : undefined,
    );
  }

  /** @internal Delivers a publication to the watchers of this process. Decodes the data only if there are any. */
  deliver(channel: string, payload: Uint8Array): void {
    if (this.#channels.get(channel)?.isSubscribed(true)) this.#channels.deliver(channel, decodePayload(payload));
  }

  /** @internal */
  close(): void {
    this.#store.off('memberJoin', this.#onJoin);
    this.#store.off('memberLeave', this.#onLeave);
    this.#store.off('memberUpdate', this.#onUpdate);
    this.#channels.clear();
  }

  /** Subscribes at the store. After a retryable error the channel stays pending and the request is retried. */
  #ask(name: string, request: SubscribeRequest, feeds: Feeds): void {
    request.isHeld = true;
    feeds.acquire(name).then(
      () => {
        if (this.#requests.get(name) === request) this.#channels.subscribed(name);
      },
      (error: unknown) => {
        // The subscription was cancelled or requested again meanwhile: ignore this response.
        if (this.#requests.get(name) !== request) return;
        request.isHeld = false;
        feeds.release(name);
        if (isRetryable(error)) {
          request.timer = setTimeout(() => this.#ask(name, request, feeds), retryMs).unref();
        } else {
          this.#requests.delete(name);
          this.#channels.failed(name, error);
        }
      },
    );
  }

  /**
   * @internal Publishes, and resolves with the position. Publications with a `seq` or `id` are deduplicated. Hot path.
   */
  async publishOnce(channel: string, data: unknown, options: PublishOptions): Promise<Published> {
    return this.#store.publishPayload(channel, encodePublication(channel, data), options);
  }

  async #publish(channel: string, data: unknown, options: OnceOptions | undefined): Promise<Published> {
    return positionOf(
      await this.#store.publishPayload(channel, encodePublication(channel, data), storeOptions(options)),
    );
  }

  async #append(channel: string, data: unknown, keep: KeepLimits): Promise<StreamPosition> {
    const position = await this.#store.publishPayload(channel, encodePublication(channel, data), { keep });
    if (position === undefined) throw new InvalidArgumentsError(`The store kept no publication of "${channel}"`);
    return position;
  }

  /**
   * Publishes for a caller that may ignore the promise. Data that no store would accept is a programming error of the
   * application, so it is also logged.
   */
  #publishOrLog(channel: string, data: unknown, options?: OnceOptions): Promise<Published> {
    try {
      const payload = encodePublication(channel, data);
      return quiet(this.#store.publishPayload(channel, payload, storeOptions(options)).then(positionOf));
    } catch (error) {
      this.#logger.error(`Publication to ${showValue(channel)} refused`, { error });
      return quiet(Promise.reject(error));
    }
  }
}

/** The position of a publication; `undefined` if the channel keeps no history. */
function positionOf(published: Published): Published {
  return published?.epoch === '' ? undefined : published;
}

const volatileOptions: PublishOptions = { volatile: true };
/** Longest id of a publication, in characters. */
const maxIdLength = 64;

function storeOptions(options: OnceOptions | undefined): PublishOptions | undefined {
  if (options === undefined) return undefined;
  const { id, volatile: isVolatile, except } = options;
  if (id === undefined && except === undefined) return isVolatile === true ? volatileOptions : undefined;
  if (id !== undefined && !(typeof id === 'string' && id.length >= 1 && id.length <= maxIdLength)) {
    throw new InvalidArgumentsError(
      `The \`id\` of a publication must be text of 1 to ${maxIdLength} characters, got ${showValue(id)}`,
    );
  }
  return {
    volatile: isVolatile === true,
    ...(id !== undefined && { id }),
    ...(except !== undefined && { headers: JSON.stringify({ except }) }),
  };
}

/** Encodes the data. Throws if the channel name is invalid or the data cannot be encoded. */
function encodePublication(channel: string, data: unknown): string {
  const problem = nameProblem(channel);
  if (problem !== undefined) throw new InvalidArgumentsError(`A channel name ${problem}`);
  try {
    return encodePayload(data);
  } catch (cause) {
    throw encodingError(`publish to "${channel}"`, cause);
  }
}

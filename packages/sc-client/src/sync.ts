import type { Position } from 'sc-protocol';
import {
  type ChannelHistory,
  type PublicationInfo,
  type SCChannel,
  type SubscribeStatus,
  throwLater,
} from 'sc-channel';

/** A state and its position in the channel's stream, if known. */
export interface Snapshot<State> {
  /** The state itself. */
  readonly state: State;
  /**
   * Read before the state, as by `exchange.position(channel)` on the server. Without it, `apply` receives some changes
   * that the state already contains.
   */
  readonly position?: Position | undefined;
}

/** Functions that load the state and apply changes to it. */
export interface SyncOptions<State, Change> {
  /** Loads the state. Called after the subscription is established, and again whenever changes were missed. */
  load(): Snapshot<State> | Promise<Snapshot<State>>;
  /** Returns the next state. May receive a change twice when `load` returns no position. */
  readonly apply: (state: State, change: Change) => State;
  /** A state delivered with the page: nothing is loaded as long as the changes since its position can be recovered. */
  readonly initial?: Snapshot<State>;
  /** Maximum random delay before each load except the first, because all clients may need one at once. @default 1000 */
  readonly maxDelayMs?: number;
  /**
   * Called with errors thrown by `load`, `apply` or a watcher, and with refused subscriptions. @default rethrown as an
   * uncaught error
   */
  readonly onError?: (error: unknown) => void;
}

/** A state kept up to date by a channel. */
export interface Synced<State> {
  /** `undefined` until loaded. */
  readonly state: State | undefined;
  /** Whether the state contains every change so far: `false` while loading, and while the channel is not subscribed. */
  readonly isLive: boolean;
  /**
   * Calls the function with each new state, and immediately if there is one. Returns a function that stops watching.
   */
  watch(watcher: (state: State) => void): () => void;
  /** Unsubscribes and removes all watchers. */
  stop(): void;
}

interface Held<Change> {
  readonly change: Change;
  readonly offset: number | undefined;
}

/** Maximum delay between two attempts to load. */
const longestDelayMs = 30_000;

/**
 * Keeps a state equal to a snapshot plus all changes published since. Subscribes and buffers changes, loads, drops the
 * changes that the snapshot contains, applies the rest, then goes live. Any other order misses changes.
 */
export function sync<State, Change>(channel: SCChannel<Change>, options: SyncOptions<State, Change>): Synced<State> {
  const { apply, initial, maxDelayMs = 1000, onError = throwLater } = options;
  const watchers = new Set<(state: State) => void>();
  let state = initial?.state;
  /** Changes buffered until the state is loaded; `undefined` when live. */
  let held: Held<Change>[] | undefined = [];
  /** Version of the load, so that a superseded one is ignored. */
  let turn = 0;
  let attempts = 0;
  /** Position at which the buffered changes begin. */
  let joined: Position | undefined;
  /** The newest offset that the state contains; the subscription may still be behind it. */
  let loaded = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (): void => {
    for (const watcher of watchers) attempt(() => watcher(state as State));
  };
  const attempt = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      onError(error);
    }
  };
  const change = (data: Change): void => attempt(() => void (state = apply(state as State, data)));

  const onPublication = (data: Change, { offset }: PublicationInfo): void => {
    if (offset !== undefined && offset <= loaded) return;
    if (held !== undefined) held.push({ change: data, offset });
    else {
      change(data);
      show();
    }
  };
  const onSubscribe = (_name: string, { recovered }: SubscribeStatus): void => {
    if (recovered === true && (held === undefined || turn > 0)) return;
    if (recovered === true) {
      goLive();
      return;
    }
    joined = channel.position;
    reload();
  };
  const onFail = (error: unknown): void => onError(error);

  function goLive(): void {
    for (const { change: data } of held ?? []) change(data);
    held = undefined;
    attempts = 0;
    show();
  }

  function reload(): void {
    const isFirst = state === undefined && attempts === 0;
    held = [];
    loaded = 0;
    const own = ++turn;
    clearTimeout(timer);
    const delayMs = isFirst ? 0 : Math.random() * Math.min(maxDelayMs * 2 ** attempts, longestDelayMs);
    attempts++;
    timer = setTimeout(() => void load(own), delayMs);
  }

  async function load(own: number): Promise<void> {
    try {
      const snapshot = await options.load();
      if (own !== turn) return;
      const missed = await changesBetween(snapshot.position);
      if (own !== turn) return;
      if (missed === undefined) {
        reload();
        return;
      }
      ({ state } = snapshot);
      for (const { data } of missed.publications) change(data);
      loaded = missed.upTo;
      held = held?.filter(({ offset = Infinity }) => offset > loaded);
      goLive();
    } catch (error) {
      if (own !== turn) return;
      onError(error);
      reload();
    }
  }

  /**
   * Returns the changes between the snapshot and the subscription: a cached snapshot may be older. `undefined` if they
   * cannot be recovered.
   */
  async function changesBetween(
    position: Position | undefined,
  ): Promise<{ publications: ChannelHistory<Change>['publications']; upTo: number } | undefined> {
    if (position === undefined || joined === undefined) return { publications: [], upTo: 0 };
    if (position.epoch === joined.epoch && position.offset >= joined.offset) {
      return { publications: [], upTo: position.offset };
    }
    const publications: ChannelHistory<Change>['publications'][number][] = [];
    let since = position;
    for (;;) {
      const page = await channel.history({ since });
      if (!page.recovered) return undefined;
      publications.push(...page.publications);
      const last = page.publications.at(-1);
      if (last !== undefined) since = { epoch: page.position.epoch, offset: last.offset };
      if (!page.hasMore || last === undefined) return { publications, upTo: since.offset };
    }
  }

  channel.on('subscribe', onSubscribe);
  channel.on('subscribeFail', onFail);
  channel.watch(onPublication);
  channel.subscribe(initial?.position === undefined ? undefined : { since: initial.position });

  return {
    get state() {
      return state;
    },
    get isLive() {
      return held === undefined && channel.isSubscribed();
    },
    watch(watcher) {
      watchers.add(watcher);
      if (state !== undefined) attempt(() => watcher(state as State));
      return () => void watchers.delete(watcher);
    },
    stop() {
      turn++;
      clearTimeout(timer);
      watchers.clear();
      channel.off('subscribe', onSubscribe).off('subscribeFail', onFail).unwatch(onPublication).unsubscribe();
    },
  };
}

import type { Position } from 'sc-protocol';
import {
  type ChannelHistory,
  type PublicationInfo,
  type SCChannel,
  type SubscribeStatus,
  throwLater,
} from 'sc-channel';

/** A state, and the newest change that it contains, if that is known. */
export interface Snapshot<State> {
  /** The state itself. */
  readonly state: State;
  /**
   * Taken before the state was read, as by `exchange.position(channel)` on the server. Without it `apply` gets some changes that
   * the state has already.
   */
  readonly position?: Position | undefined;
}

/** How a state is loaded, and how changes apply to it. */
export interface SyncOptions<State, Change> {
  /** Loads the state. Called after the subscription began, and again whenever changes were missed. */
  load(): Snapshot<State> | Promise<Snapshot<State>>;
  /** Makes the next state. It may be given a change twice when `load` gives no position. */
  readonly apply: (state: State, change: Change) => State;
  /** A state that came with the page: nothing is loaded as long as the changes since its position can be recovered. */
  readonly initial?: Snapshot<State>;
  /** A load that is not the first waits a random time up to this, because all clients may need one at once. @default 1000 */
  readonly maxDelayMs?: number;
  /** Gets what `load`, `apply` or a watcher throws, and refused subscriptions. @default thrown where the page sees it */
  readonly onError?: (error: unknown) => void;
}

/** A state that follows a channel. */
export interface Synced<State> {
  /** `undefined` until it was loaded. */
  readonly state: State | undefined;
  /** Whether the state has every change so far: `false` while it is loaded, and while the channel is not subscribed. */
  readonly isLive: boolean;
  /** Calls the function with each new state, and now if there is one. Returns what stops that. */
  watch(watcher: (state: State) => void): () => void;
  /** Unsubscribes and forgets everything. */
  stop(): void;
}

interface Held<Change> {
  readonly change: Change;
  readonly offset: number | undefined;
}

/** Longest wait between two attempts to load. */
const longestDelayMs = 30_000;

/**
 * Keeps a state equal to a snapshot and all changes published since: subscribes and holds changes, loads, drops what the
 * snapshot has, applies the rest, and goes on live. Any other order misses changes.
 */
export function sync<State, Change>(channel: SCChannel<Change>, options: SyncOptions<State, Change>): Synced<State> {
  const { apply, initial, maxDelayMs = 1000, onError = throwLater } = options;
  const watchers = new Set<(state: State) => void>();
  let state = initial?.state;
  /** Changes that wait for the state; `undefined` when it is live. */
  let held: Held<Change>[] | undefined = [];
  /** Changes with each load that begins, so that one which was overtaken is told apart. */
  let turn = 0;
  let attempts = 0;
  /** Where the changes that are held begin. */
  let joined: Position | undefined;
  /** The newest offset that the state has; the subscription may still be behind it. */
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
   * The changes before the subscription that the snapshot lacks, because a cached answer may be older. `undefined` if
   * they are unknown.
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

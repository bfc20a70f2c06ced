import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useSocket } from './context.js';
import { findFeed, obtainFeed, unsubscribed, type ChannelFeedOptions, type ChannelSnapshot } from './feed.js';

/** The result of `useChannel`. */
export interface ChannelView<Data> extends ChannelSnapshot<Data> {
  /** Publishes to the channel; settles like `channel.publish`. The function is stable across renders. */
  readonly publish: (data: Data) => Promise<unknown>;
}

/**
 * Subscribes to a channel while the component is mounted, and renders it with the newest publications. The name `null`
 * disables the hook, for a name that is not known yet. Components that use the same channel with equal options share
 * one subscription and one list.
 *
 * In a channel with history, `rewind: 50` starts with the newest 50 publications, and publications missed while the
 * connection was lost follow in order.
 */
export function useChannel<Data = unknown>(name: string | null, options: ChannelFeedOptions = {}): ChannelView<Data> {
  const socket = useSocket();
  checkLimit(options.limit);
  // Equal options are often a new object in each render.
  const key = JSON.stringify([name, options]);
  const subscribe = useCallback(
    (changed: () => void) => (name === null ? ignore : obtainFeed<Data>(socket, key, name, options).listen(changed)),
    // The key stands for the name and the options.
    [socket, key],
  );
  const read = (): ChannelSnapshot<Data> => findFeed<Data>(socket, key)?.snapshot ?? unsubscribed;
  const snapshot = useSyncExternalStore(subscribe, read, readOnServer);
  const publish = useCallback(
    async (data: Data) => {
      if (name === null) throw new Error('useChannel has no channel to publish to: its name is null');
      return socket.publish(name, data);
    },
    [socket, name],
  );
  return useMemo(() => ({ ...snapshot, publish }), [snapshot, publish]);
}

/**
 * The newest publication of a channel, or `undefined`. If the channel's rule keeps the last value, it is available upon
 * subscription.
 */
export function useLatest<Data = unknown>(
  name: string | null,
  options: Omit<ChannelFeedOptions, 'limit'> = {},
): Data | undefined {
  const { publications } = useChannel<Data>(name, { ...options, limit: 1 });
  return publications[0]?.data;
}

function checkLimit(limit: number | undefined): void {
  if (limit === undefined || (Number.isInteger(limit) && limit > 0)) return;
  throw new RangeError(`\`limit\` of useChannel must be a whole number of at least 1, got ${String(limit)}`);
}

const ignore = (): void => undefined;
const readOnServer = (): ChannelSnapshot<never> => unsubscribed;

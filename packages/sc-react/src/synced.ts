import { useCallback, useRef, useSyncExternalStore } from 'react';
import { sync, type Synced, type SyncOptions } from 'sc-client/sync';
import { useSocket } from './context.js';
import type { SCChannel } from 'sc-client';

/** The result of `useSynced`. */
export interface SyncedView<State> {
  /** `undefined` until loaded. */
  readonly state: State | undefined;
  /** Whether the state contains every change so far. */
  readonly isLive: boolean;
}

/**
 * A state that is loaded once and then follows the publications of a channel without gaps: `sync` of `sc-client/sync`
 * for a component. Uses `load` and `apply` of the latest render.
 */
export function useSynced<State, Change>(name: string, options: SyncOptions<State, Change>): SyncedView<State> {
  const socket = useSocket();
  const latest = useRef(options);
  latest.current = options;
  const synced = useRef<Synced<State> | undefined>(undefined);
  const view = useRef<SyncedView<State>>({ state: options.initial?.state, isLive: false });

  const subscribe = useCallback(
    (changed: () => void) => {
      const channel = socket.channel(name) as SCChannel<Change>;
      const own = sync<State, Change>(channel, {
        ...latest.current,
        load: () => latest.current.load(),
        apply: (state, change) => latest.current.apply(state, change),
      });
      synced.current = own;
      channel.on('subscribe', changed).on('unsubscribe', changed);
      const stopWatching = own.watch(changed);
      return () => {
        stopWatching();
        synced.current = undefined;
        own.stop();
        channel.destroy();
      };
    },
    [socket, name],
  );
  const read = (): SyncedView<State> => {
    const { state, isLive } = synced.current ?? { state: latest.current.initial?.state, isLive: false };
    if (state !== view.current.state || isLive !== view.current.isLive) view.current = { state, isLive };
    return view.current;
  };
  return useSyncExternalStore(subscribe, read, read);
}

// The socket of the page, and hooks for components.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { connect } from 'sc-client';

export const socket = connect();

/** The last publication of a channel. `read` fetches the current state: initially, and after every reconnect. */
export function useChannel(name, read) {
  const [data, setData] = useState();
  useEffect(() => {
    const channel = socket.subscribe(name);
    const show = (publication) => setData(publication);
    const refresh = () => void read().then(show, () => undefined);
    channel.watch(show);
    channel.on('subscribe', refresh);
    if (channel.state === 'subscribed') refresh();
    return () => {
      channel.off('subscribe', refresh);
      channel.unwatch(show);
    };
    // The name identifies the channel; `read` may be a new function on each render.
  }, [name]);
  return data;
}

export function useConnected() {
  return useSyncExternalStore(
    (onChange) => {
      const events = ['connect', 'disconnect'];
      for (const event of events) socket.on(event, onChange);
      return () => events.forEach((event) => socket.off(event, onChange));
    },
    () => socket.state === 'open',
  );
}

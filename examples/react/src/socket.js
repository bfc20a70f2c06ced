// One socket for the page, and what components need of it.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { connect } from 'sc-client';

export const socket = connect();

/** What was published last to a channel. `read` gets what there was before: now, and after every way back. */
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
    // The name says which channel it is; `read` may be a new function each time.
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

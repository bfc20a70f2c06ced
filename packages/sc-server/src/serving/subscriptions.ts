import type { SocketCore } from './socket-core.js';

/** Ends one subscription of a socket. Says whether there was one. */
export function endSubscription(core: SocketCore, channel: string): boolean {
  const { host, subscriptions } = core;
  const subscription = subscriptions.get(channel);
  if (subscription === undefined) return false;
  subscriptions.delete(channel);
  if (subscription.isActive) host.fanOut.remove(channel, core);
  host.topics.release(channel);
  core.socket.announce('unsubscribe', channel);
  return true;
}

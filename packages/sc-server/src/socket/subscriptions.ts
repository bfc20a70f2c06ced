import type { SubscribeRequest } from 'sc-protocol';
import type { SocketCore } from './socket-core.js';

/** One channel of one socket; not active until the store has it. */
export interface Subscription {
  isActive: boolean;
  /** Settles when it is active or refused. Gone once it is active. */
  ready: Promise<void> | undefined;
  /** What the client asked for, when it did so with a token: it is checked again when the token goes. */
  readonly request: SubscribeRequest | undefined;
}

/** Ends one subscription of a socket. Says whether there was one. */
export function endSubscription(core: SocketCore, channel: string): boolean {
  const { host, subscriptions } = core;
  const subscription = subscriptions?.get(channel);
  if (subscription === undefined) return false;
  subscriptions?.delete(channel);
  host.topics.release(channel);
  if (subscription.isActive) {
    host.fanOut.remove(channel, core.subscriber);
    core.socket.announce('unsubscribe', channel);
  }
  return true;
}

/** Ends a subscription and tells the client, which does not subscribe again by itself. */
export function kickOut(core: SocketCore, channel: string, message: string): void {
  if (endSubscription(core, channel)) core.sendFrame({ type: 'kickOut', channel, message });
}

/**
 * The socket's token has gone or changed: whatever it was subscribed to with one passes the line `subscribe` again,
 * and ends with a kick-out when it is refused now, or when it needed a token and there is none.
 */
export function recheckSubscriptions(core: SocketCore): void {
  const { host, subscriptions } = core;
  if (core.state === 'closed') return;
  for (const [channel, subscription] of subscriptions ?? []) {
    const { request } = subscription;
    if (request === undefined) continue;
    if (request.waitForAuth && core.authToken === undefined) {
      kickOut(core, channel, 'The auth token is not valid any more');
    } else if (host.middleware.has('subscribe')) {
      const { waitForAuth, data } = request;
      host.middleware
        .run({ line: 'subscribe', socket: core.socket, channel, waitForAuth, data })
        .catch((error: unknown) => {
          if (core.subscriptions?.get(channel) === subscription) kickOut(core, channel, (error as Error).message);
        });
    }
  }
}

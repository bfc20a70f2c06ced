import type { SocketCore } from '../socket/socket-core.js';
import { isSettled } from '../socket/subscription.js';
import type { Subscriptions } from '../socket/subscriptions.js';

/** Maximum bytes of an incomplete message that may move; this process reads a longer message to its end. */
const maxUnreadBytes = 16 * 1024;

/** Whether every subscription is active, with no recheck or catch-up in progress. */
export function areSettled(subscriptions: Subscriptions | undefined): boolean {
  const channels = subscriptions?.channels ?? [];
  return channels.every((channel) => {
    const subscription = subscriptions?.get(channel);
    return subscription === undefined || isSettled(subscription);
  });
}

/** Whether the socket is a member of a channel or subscribed to a list of members. Memberships do not move. */
export function usesPresence({ subscriptions }: SocketCore): boolean {
  return subscriptions?.presence?.isUsed === true;
}

/**
 * Why a socket cannot move now; `undefined` if it can. A socket can move only if this process has no unfinished work
 * for it.
 */
export function obstacleOf(core: SocketCore): string | undefined {
  const { transport, receiver, subscriptions, parts } = core;
  if (core.state !== 'open') return 'It is not open';
  if (usesPresence(core)) return 'The client uses presence';
  if (core.openCalls > 0) return 'A call of the client is not answered';
  if (core.isWaiting) return 'The client has not answered, or a token is being signed or verified';
  if (receiver.isBusy) return 'A frame of the client waits for middleware';
  if (parts.channels.publishOut.waitingFor(core) > 0) return 'A publication waits for middleware';
  if (!areSettled(subscriptions)) return 'A subscription is being made or checked';
  transport.flush();
  if (!transport.isMovable) return 'The connection cannot be given to another process';
  if (transport.pendingBytes > 0) return 'The client has not taken everything';
  if (transport.input.unreadBytes > maxUnreadBytes) return 'A message of the client is not complete';
  return undefined;
}

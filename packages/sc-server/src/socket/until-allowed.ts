import { TimeoutError } from 'sc-protocol';
import type { SubscribeLine } from './subscribe-line.js';
import { isEnded, type Subscription, type SubscriptionsOwner } from './subscription.js';

/** How often the line is asked again for one request because the identity changed while it was deciding. */
const maxRounds = 16;

/**
 * Settles when the present identity may subscribe, or the subscription has ended. Rejects with the refusal, and with
 * `TimeoutError` when every run of the line changed the auth token.
 */
export async function untilAllowed(
  { identity, parts }: SubscriptionsOwner,
  line: SubscribeLine,
  subscription: Subscription,
): Promise<void> {
  const { request, channel } = subscription;
  for (let round = 0; round < maxRounds; round++) {
    // A token that is being presented decides for itself; asked now, the answer would not last.
    if (identity.settling !== undefined) await identity.settling;
    if (isEnded(subscription)) return;
    identity.expireIfDue();
    const { epoch } = identity;
    const { isByServer } = subscription;
    const { error: refusal, wanted } = await line.ask(request, isByServer);
    // The token may have run out while the line was deciding.
    identity.expireIfDue();
    if (isEnded(subscription)) return;
    // The server has decided meanwhile.
    if (isByServer !== subscription.isByServer) continue;
    if (epoch !== identity.epoch || (refusal !== undefined && identity.settling !== undefined)) continue;
    if (refusal !== undefined) throw refusal.reason;
    subscription.epoch = epoch;
    subscription.wanted = wanted;
    return;
  }
  parts.logger.warn(`Middleware line "subscribe" aborted for "${channel}": each run changed the auth token`);
  throw new TimeoutError(`The auth token changed ${maxRounds} times while "${channel}" was being checked`);
}

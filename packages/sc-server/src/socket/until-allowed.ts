import { TimeoutError } from 'sc-protocol';
import type { SubscribeLine } from './subscribe-line.js';
import { isEnded, type Subscription, type SubscriptionsOwner } from './subscription.js';

/** Maximum runs of the line for one request; it runs again if the identity changed during a run. */
const maxRounds = 16;

/**
 * Resolves when the current identity may subscribe, or the subscription has ended. Rejects with the refusal, or with
 * `TimeoutError` if every run of the line changed the auth token.
 */
export async function untilAllowed(
  { identity, parts }: SubscriptionsOwner,
  line: SubscribeLine,
  subscription: Subscription,
): Promise<void> {
  const { request, channel } = subscription;
  for (let round = 0; round < maxRounds; round++) {
    // Wait for a token presentation in progress: it would invalidate the decision.
    if (identity.settling !== undefined) await identity.settling;
    if (isEnded(subscription)) return;
    identity.expireIfDue();
    const { epoch } = identity;
    const { isByServer } = subscription;
    const { error: refusal, wanted } = await line.ask(request, isByServer);
    // The token may have expired while the line ran.
    identity.expireIfDue();
    if (isEnded(subscription)) return;
    // The server subscribed the client meanwhile.
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

import type { UnsubscribeFrame } from 'sc-protocol';
import type { SocketCore } from '../socket/socket-core.js';
import { endSubscription } from '../socket/subscriptions.js';

export function handleUnsubscribe(core: SocketCore, { callId, channels }: UnsubscribeFrame): void {
  for (const channel of channels) endSubscription(core, channel);
  core.respond(callId);
}

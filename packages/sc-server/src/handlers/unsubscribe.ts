import type { UnsubscribeFrame } from 'sc-protocol';
import { respond } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';

export function handleUnsubscribe(core: SocketCore, { callId, channels }: UnsubscribeFrame): void {
  for (const channel of channels) core.subscriptions?.leave(channel);
  respond(core, callId);
}

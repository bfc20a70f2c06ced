import type { HistoryFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';

const defaultLimit = 100;

/**
 * Answers `#history` with a page of a channel's history, if the client is subscribed and the line `subscribe` allows
 * it.
 */
export function handleHistory(core: SocketCore, { callId, channel, since, before, limit }: HistoryFrame): void {
  if (callId === undefined) return;
  const query = {
    ...(since && { since }),
    ...(before && { before }),
    limit: Math.min(limit ?? defaultLimit, Math.max(1, core.parts.options.recoverLimit)),
  };
  core.ownSubscriptions.history(channel, query).then(
    (page) => respond(core, callId, page),
    (error: unknown) => respondError(core, callId, error),
  );
}

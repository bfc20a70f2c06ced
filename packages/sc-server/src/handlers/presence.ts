import { InvalidActionError, type MembersFrame, type PresenceFrame } from 'sc-protocol';
import type { SocketPresence } from '../presence/socket-presence.js';
import { respond, respondError } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Changes the info of the client's member, if the line `subscribe` allows it, or ends the membership. */
export async function handlePresence(core: SocketCore, { callId, channel, info }: PresenceFrame): Promise<void> {
  try {
    await presenceOf(core).setInfo(channel, info);
    respond(core, callId);
  } catch (error) {
    respondError(core, callId, error);
  }
}

/** Answers `#members` with a page of the members of a channel, if the client is subscribed with `members`. */
export function handleMembers(core: SocketCore, frame: MembersFrame): void {
  const { callId } = frame;
  if (callId === undefined) return;
  try {
    respond(core, callId, presenceOf(core).page(frame));
  } catch (error) {
    respondError(core, callId, error);
  }
}

function presenceOf(core: SocketCore): SocketPresence {
  const { presence } = core.ownSubscriptions;
  if (presence === undefined) throw new InvalidActionError('The client has not announced the feature `presence`');
  return presence;
}

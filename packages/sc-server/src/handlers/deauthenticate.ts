import type { DeauthenticateFrame } from 'sc-protocol';
import { respond } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';

/** The client gave its token up. */
export function handleDeauthenticate(core: SocketCore, { callId }: DeauthenticateFrame): void {
  const { identity } = core;
  // A token that was issued may reach the client after it logged out: it has to be taken away again there.
  identity.remove(identity.isUnconfirmed);
  respond(core, callId);
}

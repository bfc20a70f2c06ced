import type { DeauthenticateFrame } from 'sc-protocol';
import { respond } from '../socket/answers.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Removes the token at the client's request. */
export function handleDeauthenticate(core: SocketCore, { callId }: DeauthenticateFrame): void {
  const { identity } = core;
  // An issued token may reach the client after it logged out, and must then be removed there too.
  identity.remove(identity.isUnconfirmed);
  respond(core, callId);
}

import type { DeauthenticateFrame } from 'sc-protocol';
import type { SocketCore } from '../socket-core.js';

/** The client gave its token up. */
export function handleDeauthenticate(core: SocketCore, { callId }: DeauthenticateFrame): undefined {
  const had = core.authToken;
  core.authToken = undefined;
  core.signedAuthToken = undefined;
  if (had !== undefined) core.socket.announceDeauthentication(had);
  core.respond(callId);
}

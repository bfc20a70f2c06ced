import type { DeauthenticateFrame } from 'sc-protocol';
import type { SocketCore } from '../socket/socket-core.js';

/** The client gave its token up. */
export function handleDeauthenticate(core: SocketCore, { callId }: DeauthenticateFrame): void {
  core.auth.remove(false);
  core.respond(callId);
}

import { dehydrateError, type AuthenticateFrame } from 'sc-protocol';
import { acceptToken } from '../auth/accept-token.js';
import type { SocketCore } from '../socket-core.js';

/** Answers `#authenticate`, by which a client that is connected presents a token. */
export function handleAuthenticate(core: SocketCore, { callId, authToken }: AuthenticateFrame): Promise<void> {
  return acceptToken(core, authToken).then(
    () => core.respond(callId, { isAuthenticated: true, authError: null }),
    (error: unknown) => {
      // The client shall forget a token that is worth nothing.
      core.removeAuthToken();
      const authError = dehydrateError(error);
      core.respondError(callId, { ...authError, isBadToken: true }, { isAuthenticated: false, authError });
    },
  );
}

import { AuthTokenNotBeforeError, closeCodes, dehydrateError, type AuthenticateFrame } from 'sc-protocol';
import { acceptToken, isBadToken } from '../socket/accept-token.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Answers `#authenticate`, by which a client that is connected presents a token. */
export function handleAuthenticate(core: SocketCore, frame: AuthenticateFrame): Promise<void> | undefined {
  const { callId, authToken } = frame;
  // A token that counts costs a signature too.
  if (!core.host.subscribeRate.spend(core, 1)) {
    core.closeAtLimit('subscribeRate', closeCodes.policyViolation, 'Too many attempts to authenticate');
    return undefined;
  }
  return acceptToken(core, authToken).then(
    () => core.respond(callId, { isAuthenticated: true, authError: null }),
    (error: unknown) => refuse(core, frame, error),
  );
}

function refuse(core: SocketCore, { callId }: AuthenticateFrame, error: unknown): void {
  if (core.auth.failures > core.host.options.maxAuthFailures) {
    core.closeAtLimit('authFailures', closeCodes.policyViolation, 'Too many failed attempts to authenticate');
    return;
  }
  const isBad = isBadToken(error);
  // The client shall forget a token that is worth nothing. Refused for another reason, it keeps what it had.
  if (isBad) core.auth.remove(true);
  const authError = dehydrateError(error);
  const status = { isAuthenticated: core.authToken !== undefined, authError };
  // A token that will be valid later is no failure: the answer only says so.
  if (error instanceof AuthTokenNotBeforeError) core.respond(callId, status);
  else core.respondError(callId, { ...authError, isBadToken: isBad }, status);
}

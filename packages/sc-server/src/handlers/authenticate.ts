import { AuthTokenNotBeforeError, closeCodes, dehydrateError, type AuthenticateFrame } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import { isBadToken } from '../socket/identity.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Answers `#authenticate`, with which a connected client presents a token. */
export function handleAuthenticate(core: SocketCore, frame: AuthenticateFrame): Promise<void> | undefined {
  // Valid tokens count too, because verification is expensive.
  if (!core.parts.limits.subscribeRate.spend(core, 1)) {
    core.closeAtLimit('subscribeRate', closeCodes.policyViolation, 'Too many attempts to authenticate');
    return undefined;
  }
  return core.identity.present(frame.authToken, (error, isLatest) => {
    if (error === undefined) respond(core, frame.callId, { isAuthenticated: true, authError: null });
    else refuse(core, frame, error, isLatest);
  });
}

function refuse(core: SocketCore, { callId }: AuthenticateFrame, error: unknown, isLatest: boolean): void {
  if (core.identity.failures > core.parts.options.maxAuthFailures) {
    core.closeAtLimit('authFailures', closeCodes.policyViolation, 'Too many failed attempts to authenticate');
    return;
  }
  const isBad = isBadToken(error);
  // Make the client delete a bad token. After a refusal for another reason it keeps its previous token.
  if (isBad && isLatest) core.identity.remove(true);
  const authError = dehydrateError(error);
  const status = { isAuthenticated: core.authToken !== undefined, authError };
  // A token that is not valid yet is not a failure: the response only reports it.
  if (error instanceof AuthTokenNotBeforeError) respond(core, callId, status);
  else respondError(core, callId, { ...authError, isBadToken: isBad }, status);
}

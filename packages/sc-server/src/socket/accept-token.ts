import { AuthTokenNotBeforeError, MiddlewareBlockedError } from 'sc-protocol';
import type { SocketCore } from './socket-core.js';
import type { AuthToken } from '../auth/tokens.js';

/**
 * Verifies a token that the client sent, lets the middleware line `authenticate` look at it, and makes it the
 * socket's. Rejects with the error that the client should see.
 */
export async function acceptToken(core: SocketCore, signedToken: unknown): Promise<AuthToken> {
  const { host, socket } = core;
  try {
    const authToken = await host.tokens.verify(signedToken);
    // Verified, so it is a string.
    const signedAuthToken = signedToken as string;
    if (host.middleware.has('authenticate')) {
      await host.middleware.run({ line: 'authenticate', socket, authToken, signedAuthToken });
    }
    if (core.state !== 'closed') core.auth.set(authToken, signedAuthToken);
    return authToken;
  } catch (error) {
    core.auth.failures += 1;
    if (isBadToken(error)) core.announceBadToken(error, signedToken);
    throw error;
  }
}

/** Whether the token is worth nothing, now and later; not so one that is not valid yet or that the application refused. */
export function isBadToken(error: unknown): boolean {
  return !(error instanceof AuthTokenNotBeforeError || error instanceof MiddlewareBlockedError);
}

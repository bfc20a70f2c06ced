import type { SocketCore } from '../socket-core.js';
import type { AuthToken } from './tokens.js';

/**
 * Verifies a token that the client sent, lets the middleware line `authenticate` look at it, and makes it the
 * socket's. Rejects with the error that the client should see; the socket then keeps the token it had.
 */
export async function acceptToken(core: SocketCore, signedToken: unknown): Promise<AuthToken> {
  const { host, socket } = core;
  const authToken = await host.tokens.verify(signedToken);
  // Verified, so it is a string.
  const signedAuthToken = signedToken as string;
  if (host.middleware.has('authenticate')) {
    await host.middleware.run({ line: 'authenticate', socket, authToken, signedAuthToken });
  }
  if (core.state !== 'closed') {
    core.authToken = authToken;
    core.signedAuthToken = signedAuthToken;
    socket.announceAuthentication(authToken);
  }
  return authToken;
}

import { createHash } from 'node:crypto';
import { InvalidActionError, dehydrateError, type HandshakeFrame, type HandshakeStatus } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import { cookieOf } from '../http/cookie.js';
import { originOf } from '../http/origins.js';
import type { SocketCore } from '../socket/socket-core.js';

/** The features of this server that a client may use when it announces them too. */
const features: readonly string[] = ['batch', 'position', 'dedupe', 'presence'];

/** Answers `#handshake` with the socket's id and authentication state, and opens the socket. */
export function handleHandshake(core: SocketCore, frame: HandshakeFrame): Promise<void> | undefined {
  if (core.state !== 'connecting') {
    respondError(core, frame.callId, new InvalidActionError('The handshake is already complete'));
    return undefined;
  }
  core.beginHandshake(frame);
  core.publisher = frame.publisher === undefined ? undefined : publisherOf(frame.publisher);
  core.knowsPositions = frame.client !== undefined && frame.features.includes('position');
  core.knowsPresence = frame.client !== undefined && frame.features.includes('presence');
  // Older clients leave the field out, newer ones say null.
  const presented = frame.authToken ?? undefined;
  const cookie = presented === undefined ? tokenInCookie(core) : undefined;
  const signedToken = presented ?? cookie;
  if (signedToken === undefined) return answer(core, frame);
  let opening: Promise<void> | undefined;
  return core.identity
    .present(signedToken, (error) => {
      opening = answer(core, frame, error, cookie !== undefined);
    })
    .then(() => opening);
}

/** Accept the cookie only from pages in browsers: their origin was checked, which keeps other sites from using it. */
function tokenInCookie({ parts, request }: SocketCore): string | undefined {
  const { authCookie, authCookieName } = parts.options;
  if (!authCookie || originOf(request) === undefined || !parts.auth.origins.trustsCookies(request)) return undefined;
  return cookieOf(request, authCookieName);
}

/** Frames behind the handshake wait for what it returns. */
function answer(
  core: SocketCore,
  frame: HandshakeFrame,
  authError?: unknown,
  isFromCookie = false,
): Promise<void> | undefined {
  if (core.state !== 'connecting') return undefined;
  const status: HandshakeStatus = {
    id: core.id,
    pingTimeout: core.parts.options.pingTimeout,
    isAuthenticated: core.authToken !== undefined,
    ...(authError !== undefined && { authError: dehydrateError(authError) }),
    ...(frame.client !== undefined && {
      features: features.filter((feature) => frame.features.includes(feature)),
      maxPayloadBytes: core.parts.options.maxPayloadBytes,
      serverTime: Date.now(),
      // The page may know who its user is; the token itself stays in the cookie, which the page cannot read.
      ...(isFromCookie && core.authToken !== undefined && { authToken: core.authToken }),
    }),
  };
  respond(core, frame.callId, status);
  return core.open();
}

/** The publisher as stores know it: the secret of a client is not passed on. */
function publisherOf(secret: string): string {
  return createHash('sha256').update(secret).digest().subarray(0, 8).toString('base64url');
}

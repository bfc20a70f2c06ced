import { createHash } from 'node:crypto';
import { InvalidActionError, dehydrateError, type HandshakeFrame, type HandshakeStatus } from 'sc-protocol';
import { respond, respondError } from '../socket/answers.js';
import { cookieOf } from '../http/cookie.js';
import { originOf } from '../http/origins.js';
import type { SocketCore } from '../socket/socket-core.js';

/** Features of this server. A client may use those that it announces as well. */
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
  // Older clients omit the field; newer ones send null.
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

/** Accepts the cookie only from browser pages: their origin was checked, so other sites cannot use it. */
function tokenInCookie({ parts, request }: SocketCore): string | undefined {
  const { authCookie, authCookieName } = parts.options;
  if (!authCookie || originOf(request) === undefined || !parts.auth.origins.trustsCookies(request)) return undefined;
  return cookieOf(request, authCookieName);
}

/** Answers the handshake and opens the socket. Later frames wait for the returned promise. */
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
      // Send the claims so that the page can identify its user; the token itself stays in the cookie, which the page
      // cannot read.
      ...(isFromCookie && core.authToken !== undefined && { authToken: core.authToken }),
    }),
  };
  respond(core, frame.callId, status);
  return core.open();
}

/** The publisher id for the stores: a hash, because the client's secret must not be passed on. */
function publisherOf(secret: string): string {
  return createHash('sha256').update(secret).digest().subarray(0, 8).toString('base64url');
}

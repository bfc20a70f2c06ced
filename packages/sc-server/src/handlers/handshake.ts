import { InvalidActionError, dehydrateError, type HandshakeFrame, type HandshakeStatus } from 'sc-protocol';
import { acceptToken } from '../socket/accept-token.js';
import { cookieOf } from '../http/cookie.js';
import { originOf } from '../http/origins.js';
import type { SocketCore } from '../socket/socket-core.js';

/** The features of this server that a client may use when it announces them too. */
const features: readonly string[] = ['batch'];

/** Answers `#handshake` with the socket's id and authentication state, and opens the socket. */
export function handleHandshake(core: SocketCore, frame: HandshakeFrame): Promise<void> | undefined {
  if (core.state !== 'connecting') {
    core.respondError(frame.callId, new InvalidActionError('The handshake was already completed'));
    return undefined;
  }
  core.settleDialect(frame);
  const signedToken = frame.authToken ?? tokenInCookie(core);
  if (signedToken === undefined) {
    answer(core, frame);
    return undefined;
  }
  return acceptToken(core, signedToken).then(
    () => answer(core, frame),
    (error: unknown) => answer(core, frame, error),
  );
}

/** Only what a browser's page brings: its origin was checked, which is what keeps other sites from using the cookie. */
function tokenInCookie({ host, request }: SocketCore): string | undefined {
  const { authCookie, authCookieName } = host.options;
  if (!authCookie || originOf(request) === undefined || !host.origins.trustsCookies(request)) return undefined;
  return cookieOf(request, authCookieName);
}

function answer(core: SocketCore, frame: HandshakeFrame, authError?: unknown): void {
  if (core.state !== 'connecting') return;
  const status: HandshakeStatus = {
    id: core.id,
    pingTimeout: core.host.options.pingTimeout,
    isAuthenticated: core.authToken !== undefined,
    ...(authError !== undefined && { authError: dehydrateError(authError) }),
    ...(frame.client !== undefined && {
      features: features.filter((feature) => frame.features.includes(feature)),
      maxPayloadBytes: core.host.options.maxPayloadBytes,
    }),
  };
  core.respond(frame.callId, status);
  core.open();
}

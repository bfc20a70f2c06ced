import type { Dialect } from '../dialects/dialect.js';
import { dialects } from '../dialects/index.js';
import type { ClientFrame, EventFrame, HandshakeStatus, ServerFrame } from '../frames.js';

/**
 * Generation B6: no handshake. The server sends a greeting as soon as the WebSocket is open, and the client may already
 * be sending. Its auth token arrives in a cookie of the upgrade request, and a new one is sent with that cookie's name.
 */
export function createB6Dialect(cookieName: string): Dialect {
  const { toWire } = dialects.v0;
  return {
    ...dialects.v0,
    name: 'b6',
    // The WebSocket's close frame is sufficient, and after a `#disconnect` frame the client would not reconnect.
    saysDisconnect: false,
    toWire(frame: ClientFrame | ServerFrame) {
      const wire = toWire(frame);
      if (frame.type !== 'setAuthToken') return wire;
      return { ...(wire as object), data: { token: frame.authToken, cookieName, ...frame.cookie } };
    },
  };
}

/** The server's greeting. Clients up to 2.2.5 expect `#ready`, later ones `#status`; each ignores the other. */
export function b6Greeting({ id, isAuthenticated, pingTimeout, authError }: HandshakeStatus): readonly EventFrame[] {
  const data = { id, isAuthenticated, pingTimeout, ...(authError !== undefined && { authError }) };
  return ['#ready', '#status'].map((name) => ({ type: 'event', name, data, callId: undefined }));
}

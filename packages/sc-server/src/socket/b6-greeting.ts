import { dehydrateError } from 'sc-protocol';
import { b6Greeting, createB6Dialect, createPingProber } from 'sc-protocol/legacy';
import { cookieOf } from '../http/cookie.js';
import type { SocketCore } from './socket-core.js';

/** Long enough for a handshake to arrive; clients of generation B6 give up after nine seconds. */
const waitMs = 1_000;

/**
 * Greets a client of generation B6, which says no `#handshake` and may say other things at once: when its first frame is
 * another one, or when none has come for a while.
 */
export class B6Greeting {
  readonly #core: SocketCore;
  readonly #timer: NodeJS.Timeout;
  #greeted: Promise<void> | undefined;

  constructor(core: SocketCore) {
    this.#core = core;
    this.#timer = setTimeout(() => core.holdInbound(this.greet()), waitMs);
  }

  /** Settles when the socket is open; frames of the client have to wait until then. Never rejects. */
  greet(): Promise<void> {
    return (this.#greeted ??= this.#greet());
  }

  /** The client spoke another dialect, or is gone. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  async #greet(): Promise<void> {
    this.stop();
    const core = this.#core;
    const { authCookieName, pingTimeout } = core.host.options;
    core.speakDialect(createPingProber({ dialect: createB6Dialect(authCookieName) }));
    // A page of any site can send the visitor's cookies, so its origin has to be listed by name.
    const signedToken = core.host.origins.trustsCookies(core.request)
      ? cookieOf(core.request, authCookieName)
      : undefined;
    let authError: unknown;
    if (signedToken !== undefined) {
      await core.identity.present(signedToken, (error) => {
        // Told to the client, which stays without a token.
        if (error !== undefined) authError = dehydrateError(error);
      });
    }
    if (core.state !== 'connecting') return;
    const isAuthenticated = core.authToken !== undefined;
    const status = { id: core.id, isAuthenticated, pingTimeout, ...(authError !== undefined && { authError }) };
    for (const frame of b6Greeting(status)) core.sendFrame(frame);
    await core.open();
  }
}

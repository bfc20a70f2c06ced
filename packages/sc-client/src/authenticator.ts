import { AuthTokenInvalidError, hydrateError } from 'sc-protocol';
import type { Auth } from './auth.js';
import type { Connection } from './connection.js';
import type { FrameOf } from './outbound.js';

export interface AuthenticatorHooks {
  call(label: string, frame: FrameOf): Promise<unknown>;
  reportError(error: unknown): void;
}

/** The `auth` option: gives a signed auth token, or `null` when nobody is logged in. */
export type TokenSource = () => string | null | Promise<string | null>;

/** Keeps the server's mind and ours about the token the same: on login, logout, in other tabs, and on expiry. */
export class Authenticator {
  readonly #auth: Auth;
  readonly #source: TokenSource | undefined;
  readonly #hooks: AuthenticatorHooks;
  #connection: Connection | undefined;

  constructor(auth: Auth, source: TokenSource | undefined, hooks: AuthenticatorHooks) {
    this.#auth = auth;
    this.#source = source;
    this.#hooks = hooks;
  }

  opened(connection: Connection): void {
    this.#connection = connection;
  }

  lost(): void {
    this.#connection = undefined;
  }

  async authenticate(token: string): Promise<void> {
    await this.#show(token);
    await this.#auth.save(token);
  }

  deauthenticate(): Promise<void> {
    this.#forgetOnServer();
    return this.#auth.remove();
  }

  /** Another tab has put this token into the store, or taken it out. Offline, the next handshake will show it. */
  async storeChanged(token: string | null): Promise<void> {
    if (token === this.#auth.signedAuthToken) return;
    if (token === null) {
      this.#forgetOnServer();
      this.#auth.reject();
    } else if (this.#connection !== undefined) {
      try {
        await this.#show(token);
        this.#auth.accept(token);
      } catch {
        // The other tab has shown it to the same server and heard what is wrong with it.
      }
    }
  }

  /** The token has just expired: shows the server another one if there is a source of them. */
  async expired(): Promise<void> {
    if (this.#source === undefined || this.#connection === undefined) return;
    try {
      const token = await this.#source();
      if (token !== null) await this.authenticate(token);
    } catch (error) {
      this.#hooks.reportError(error);
    }
  }

  async #show(token: string): Promise<void> {
    const answer = await this.#hooks.call('authenticate', (callId) => ({
      type: 'authenticate',
      callId,
      authToken: token,
    }));
    const { isAuthenticated, authError } = (answer ?? {}) as { isAuthenticated?: unknown; authError?: unknown };
    if (authError !== undefined && authError !== null) throw hydrateError(authError);
    if (isAuthenticated !== true) throw new AuthTokenInvalidError('The server did not accept the auth token');
  }

  #forgetOnServer(): void {
    this.#connection?.send({ type: 'deauthenticate', callId: undefined });
  }
}

import { AuthTokenError, AuthTokenInvalidError, hydrateError } from 'sc-protocol';
import type { Emitter } from 'sc-channel';
import { type AuthState, nextAuthStep } from './auth-state.js';
import type { Connection } from './connection.js';
import type { SocketEvents } from './events.js';
import { type Platform, longestMs } from './platform.js';
import { decodeClaims, expiryOf } from './token-claims.js';
import type { TokenSource, TokenStore } from './token-store.js';

export interface AuthStateChange {
  readonly oldAuthState: AuthState;
  readonly newAuthState: AuthState;
  readonly signedAuthToken: string | null;
  readonly authToken: Readonly<Record<string, unknown>> | null;
}

export interface AuthHooks {
  readonly events: Emitter<SocketEvents>;
  /** Gives fresh tokens, if there is such a source. */
  readonly source: TokenSource | undefined;
  /** The open connection, if there is one. */
  readonly connection: () => Connection | undefined;
  call(event: string, data: unknown): Promise<unknown>;
  /** Follows each `authenticate` event. */
  readonly authenticated: () => void;
}

/**
 * The socket's token: whether it is valid, what it claims, and its place in the token store. Keeps the server's mind
 * and ours about it the same: on login, logout, in other tabs, and on expiry.
 */
export class Auth {
  readonly #store: TokenStore;
  readonly #platform: Platform;
  readonly #hooks: AuthHooks;
  #state: AuthState = 'unauthenticated';
  #token: string | null = null;
  #claims: Record<string, unknown> | null = null;
  #cancelExpiry: (() => void) | undefined;
  /** Writes to the store go one after the other, so that the last one wins. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(store: TokenStore, platform: Platform, hooks: AuthHooks) {
    this.#store = store;
    this.#platform = platform;
    this.#hooks = hooks;
  }

  get state(): AuthState {
    return this.#state;
  }

  get signedAuthToken(): string | null {
    return this.#token;
  }

  get authToken(): Record<string, unknown> | null {
    return this.#claims;
  }

  /** The stored token. Throws `AuthTokenError` when the store fails. */
  async load(): Promise<string | null> {
    await this.#writing;
    return tried('loaded', this.#store.load());
  }

  /** The server says that this token, which it was shown, is valid, or that none is. What is stored stays. */
  accept(token: string | null): void {
    const { events, authenticated } = this.#hooks;
    const oldAuthState = this.#state;
    const oldToken = this.#token;
    const { state: newAuthState, event } = nextAuthStep(oldAuthState, token === null ? 'removed' : 'accepted');
    this.#state = newAuthState;
    this.#token = token;
    this.#claims = token === null ? null : decodeClaims(token);
    this.#watchExpiry();
    if (newAuthState !== oldAuthState) {
      events.emit('authStateChange', { oldAuthState, newAuthState, signedAuthToken: token, authToken: this.#claims });
    }
    if (event === 'deauthenticate') events.emit(event, oldToken);
    else if (event !== undefined && token !== null) {
      events.emit(event, token);
      authenticated();
    }
  }

  /** A token to keep: valid from now on, and stored; or none any more. Throws `AuthTokenError` when the store fails. */
  save(token: string | null): Promise<unknown> {
    this.accept(token);
    const written = this.#writing.then(() => (token === null ? this.#store.remove() : this.#store.save(token)));
    // The caller hears of the failure; those who only wait for their turn need not.
    this.#writing = written.catch(() => undefined);
    return tried(token === null ? 'removed' : 'stored', written);
  }

  /** Shows the server a token; it is kept when the server takes it. */
  async authenticate(token: string): Promise<void> {
    await this.#show(token);
    await this.save(token);
  }

  async deauthenticate(): Promise<void> {
    this.#forgetOnServer();
    await this.save(null);
  }

  /** Another tab has put this token into the store, or taken it out. Offline, the next handshake will show it. */
  async storeChanged(token: string | null): Promise<void> {
    if (token === this.#token) return;
    if (token === null) this.#forgetOnServer();
    else {
      if (this.#hooks.connection() === undefined) return;
      try {
        await this.#show(token);
      } catch {
        return; // The other tab has shown it to the same server and heard what is wrong with it.
      }
    }
    this.accept(token);
  }

  /** The token has just expired: shows the server another one if there is a source of them. */
  async expired(): Promise<void> {
    const { source, connection, events } = this.#hooks;
    if (source === undefined || connection() === undefined) return;
    try {
      const token = await source();
      if (token !== null) await this.authenticate(token);
    } catch (error) {
      events.emit('error', error);
    }
  }

  /** The connection is gone: stops the timer, so that it keeps no process alive. */
  stop(): void {
    this.#cancelExpiry?.();
  }

  async #show(token: string): Promise<void> {
    const answer = await this.#hooks.call('#authenticate', token);
    const { isAuthenticated, authError } = Object(answer) as { isAuthenticated?: unknown; authError?: unknown };
    if (authError !== undefined && authError !== null) throw hydrateError(authError);
    if (isAuthenticated !== true) throw new AuthTokenInvalidError('The auth token was not accepted');
  }

  #forgetOnServer(): void {
    this.#hooks.connection()?.send('#removeAuthToken');
  }

  #watchExpiry(): void {
    this.stop();
    const token = this.#token;
    const leftMs = (expiryOf(this.#claims) ?? 0) - this.#platform.now();
    if (token === null || leftMs <= 0) return;
    // A token that lives longer than any timer is looked at again by then.
    const isLast = leftMs <= longestMs;
    this.#cancelExpiry = this.#platform.startTimer(
      () => {
        if (!isLast) this.#watchExpiry();
        else {
          this.#hooks.events.emit('authTokenExpire', token);
          void this.expired();
        }
      },
      isLast ? leftMs : longestMs,
    );
  }
}

async function tried<Result>(done: string, result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (cause) {
    throw new AuthTokenError(`The auth token could not be ${done}`, undefined, { cause });
  }
}

import { AuthTokenError } from 'sc-protocol';
import { type AuthCause, type AuthState, nextAuthStep } from './auth-state.js';
import type { SocketEvents } from './events.js';
import type { Platform } from './platform.js';
import { decodeClaims, expiryOf } from './token-claims.js';
import type { TokenStore } from './token-store.js';

export interface AuthStateChange {
  readonly oldAuthState: AuthState;
  readonly newAuthState: AuthState;
  readonly signedAuthToken: string | null;
  readonly authToken: Readonly<Record<string, unknown>> | null;
}

/** What an auth tells: the socket's events, and what follows from two of them. */
export interface AuthHooks {
  emit<Name extends 'authStateChange' | 'authenticate' | 'deauthenticate' | 'authTokenExpire'>(
    event: Name,
    ...args: SocketEvents[Name]
  ): void;
  authenticated(): void;
  expired(): void;
}

/** Longest time a timer can be set to; a token that lives longer is looked at again by then. */
const longestMs = 2 ** 31 - 1;

/** The socket's token: whether it is valid, what it claims, and its place in the token store. */
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
    try {
      return await this.#store.load();
    } catch (cause) {
      throw new AuthTokenError('The auth token could not be loaded', undefined, { cause });
    }
  }

  /** The server says that this token, which it was shown, is valid. */
  accept(token: string): void {
    this.#advance('accepted', token);
  }

  /** The server says that there is no valid token. What is stored stays. */
  reject(): void {
    this.#advance('removed', null);
  }

  /** A token to keep: valid from now on, and stored. Throws `AuthTokenError` when the store fails. */
  async save(token: string): Promise<void> {
    this.#advance('accepted', token);
    await this.#write('stored', () => this.#store.save(token));
  }

  /** No token any more, here and in the store. Throws `AuthTokenError` when the store fails. */
  async remove(): Promise<void> {
    this.#advance('removed', null);
    await this.#write('removed', () => this.#store.remove());
  }

  /** The connection is gone: stops the timer, so that it keeps no process alive. */
  stop(): void {
    this.#cancelExpiry?.();
  }

  #watchExpiry(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    const token = this.#token;
    const expiresAt = expiryOf(this.#claims);
    if (token === null || expiresAt === undefined) return;
    const leftMs = expiresAt - this.#platform.now();
    if (leftMs <= 0) return;
    this.#cancelExpiry = this.#platform.startTimer(
      () => {
        if (expiresAt > this.#platform.now()) this.#watchExpiry();
        else {
          this.#hooks.emit('authTokenExpire', token);
          this.#hooks.expired();
        }
      },
      Math.min(leftMs, longestMs),
    );
  }

  async #write(done: string, write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(write);
    // The caller hears of the failure; those who only wait for their turn need not.
    this.#writing = written.catch(() => undefined);
    try {
      await written;
    } catch (cause) {
      throw new AuthTokenError(`The auth token could not be ${done}`, undefined, { cause });
    }
  }

  #advance(cause: AuthCause, token: string | null): void {
    const oldAuthState = this.#state;
    const oldToken = this.#token;
    const { state: newAuthState, event } = nextAuthStep(oldAuthState, cause);
    this.#state = newAuthState;
    this.#token = token;
    this.#claims = token === null ? null : decodeClaims(token);
    this.#watchExpiry();
    if (newAuthState !== oldAuthState) {
      const change = { oldAuthState, newAuthState, signedAuthToken: token, authToken: this.#claims };
      this.#hooks.emit('authStateChange', change);
    }
    if (event === 'deauthenticate') this.#hooks.emit(event, oldToken);
    else if (event !== undefined && token !== null) {
      this.#hooks.emit(event, token);
      this.#hooks.authenticated();
    }
  }
}

import { AbortedError, AuthTokenError, AuthTokenInvalidError, hydrateError, isRetryable } from 'sc-protocol';
import { authenticateFrame, removeAuthTokenFrame } from 'sc-protocol/client';
import type { Emitter } from 'sc-channel';
import { type AuthState, nextAuthStep } from './auth-state.js';
import { Call, type CallCore } from './call.js';
import type { Connection } from './connection.js';
import type { SocketEvents, SocketStatus } from './events.js';
import type { OutboundCall } from './outbound.js';
import { longestMs } from './platform.js';
import { type ReconnectOptions, reconnectDelay } from './reconnect.js';
import { type Claims, ServerClock, decodeClaims } from './token-claims.js';
import type { TokenSource, TokenStore } from './token-store.js';

/** The parts of a socket that its authentication uses. */
export interface AuthCore extends CallCore {
  readonly events: Emitter<SocketEvents>;
  /** Source of fresh tokens, if configured. */
  readonly auth?: TokenSource | undefined;
  /** Also used as the backoff after the source has failed. */
  readonly autoReconnectOptions: ReconnectOptions;
  readonly ackTimeout: number;
  readonly connection: Connection | undefined;
}

export interface AuthOwner {
  readonly call: (settings: OutboundCall) => Promise<unknown>;
  /** Called after each `authenticate` event. */
  authenticated(): void;
  /** Called after the user has logged out, here or in another tab. */
  loggedOut(): void;
}

/** Longest lead time: renewal starts this long before expiry, or at half of the remaining lifetime. */
const longestLeadMs = 60_000;

/** A token that the server removes this shortly before its expiry counts as expired: clocks are inexact. */
const toleranceMs = 1000;

/** Deadline for the response to a logout. Auth frames received before it predate the logout. */
const leavingMs = 2000;

/**
 * The socket's token: its validity, its claims, and its copy in the token store. Each change increments a version,
 * which asynchronous work compares before it acts: the latest login, logout, renewal, handshake or change by another
 * tab wins, and messages of the server take effect in order.
 */
export class Auth {
  readonly #store: TokenStore;
  readonly #core: AuthCore;
  readonly #owner: AuthOwner;
  #state: AuthState = 'unauthenticated';
  #token: string | null = null;
  #claims: Claims | null = null;
  /** Version of the last change. */
  #changes = 0;
  /** Version at the time the token of the handshake was read. */
  #handshakeVersion = 0;
  /** The token that the server issued before it answered the handshake. */
  #given: string | undefined;
  /** The last known content of the token store. Any other content was written by another tab. */
  #stored: string | null = null;
  /** Reads and writes of the store run one after the other, so that the last one wins. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Number of tokens sent: the response to an earlier one must not override a later one. */
  #shown = 0;
  #lastTaken = 0;
  /** Aborts the user's pending logins at a logout. */
  #logins = new AbortController();
  #adoption = new AbortController();
  #pendingLogins = 0;
  /** Logouts that the server has not answered yet. */
  #leaving = 0;
  readonly #clock: ServerClock;
  /** The renewal in progress, if any. */
  #renewal: object | undefined;
  #hasExpired = false;
  #cancelTimers: (() => void)[] = [];
  #cancelRetry: (() => void) | undefined;

  constructor(store: TokenStore, core: AuthCore, owner: AuthOwner) {
    this.#store = store;
    this.#core = core;
    this.#owner = owner;
    this.#clock = new ServerClock(core.platform);
  }

  get state(): AuthState {
    return this.#state;
  }

  get signedAuthToken(): string | null {
    return this.#token;
  }

  get authToken(): Claims | null {
    return this.#claims;
  }

  get version(): number {
    return this.#changes;
  }

  /** The token for a handshake: the stored one, or a fresh one. Throws `AuthTokenError` when the store fails. */
  async load(): Promise<string | null> {
    for (let { auth: source } = this.#core; ; source = undefined) {
      const version = this.#changes;
      let token = await this.#inTurn('loaded', async () => (this.#stored = await this.#store.load()));
      if (source !== undefined && (token === null || this.#clock.leftMs(decodeClaims(token)) <= 0)) {
        const fresh = await source();
        if (version === this.#changes && fresh !== null) await this.#write(fresh);
        token = fresh;
      }
      if (version === this.#changes) {
        this.#handshakeVersion = version;
        this.#given = undefined;
        return token;
      }
      // Changed meanwhile by a logout or another tab: read the store again.
    }
  }

  /** Handles the completed handshake, in which `token` was sent. */
  opened({ isAuthenticated, authToken, serverTime, authError }: SocketStatus, token: string | null): void {
    this.#leaving = 0;
    this.#clock.set(serverTime);
    if (this.#handshakeVersion !== this.#changes) {
      // A logout, or a change by another tab, happened while the handshake was in flight.
      if (isAuthenticated) this.#forgetOnServer();
      this.#accept(false, null);
      void this.#writing.then(() => this.#adopt(this.#stored));
      return;
    }
    this.#accept(isAuthenticated, isAuthenticated ? (this.#given ?? token) : null, authToken);
    // Expired by the server's clock, but not yet by the local one.
    if (authError?.name === 'AuthTokenExpiredError') void this.#renew();
  }

  /**
   * Handles a token issued by the server: it is valid immediately, and stored. Throws `AuthTokenError` when the store
   * fails, and `AbortedError` when the server has not yet processed a local logout.
   */
  async save(token: string): Promise<unknown> {
    if (this.#leaving > 0) throw new AbortedError('Logged out meanwhile');
    if (!this.#isOpen() && this.#handshakeVersion === this.#changes) {
      // Issued before the handshake response: not a change that the server is unaware of.
      this.#handshakeVersion++;
      this.#given = token;
    }
    return this.#keep(token);
  }

  #keep(token: string): Promise<unknown> {
    this.#clock.learn(decodeClaims(token));
    this.#accept(true, token);
    return this.#write(token);
  }

  /**
   * Handles the removal of the token by the server. Removes it from the store too, unless the store holds another one
   * by then.
   */
  async removed(): Promise<unknown> {
    if (this.#leaving > 0) return undefined;
    const token = this.#token ?? this.#stored;
    const hasEnded = this.#token !== null && this.#clock.leftMs(this.#claims) <= toleranceMs;
    if (hasEnded) this.#expire();
    this.#accept(false, null, undefined, hasEnded);
    if (hasEnded && this.#core.auth !== undefined) return this.#renew();
    return this.#inTurn('removed', async () => {
      if ((await this.#store.load()) !== token) return;
      this.#stored = null;
      await this.#store.remove();
    });
  }

  /** Sends a token to the server and stores it once accepted. A logout meanwhile wins. */
  async authenticate(token: string): Promise<void> {
    let stored: Promise<unknown> | undefined;
    this.#pendingLogins++;
    try {
      await this.#show(token, this.#logins.signal, () => {
        stored = this.#keep(token);
      });
    } catch (error) {
      this.#pendingLogins--;
      // A logout in another tab was ignored while this login was in progress.
      void this.storeChanged();
      throw error;
    }
    this.#pendingLogins--;
    await stored;
  }

  async deauthenticate(): Promise<void> {
    this.#logOut();
    await this.#write(null);
  }

  /** Handles a token stored or removed by another tab. While offline, the next handshake sends it. */
  async storeChanged(): Promise<void> {
    const version = this.#changes;
    const old = this.#stored;
    const found = await this.#inTurn('loaded', async () => {
      const token = await this.#store.load();
      // A pending login of this tab takes precedence over a removal by another tab.
      const counts = version === this.#changes && !(token === null && this.#pendingLogins > 0);
      return counts ? (this.#stored = token) : undefined;
    }).catch(() => undefined);
    if (version !== this.#changes) return this.storeChanged();
    if (found === undefined || found === old) return;
    if (found !== null) return this.#adopt(found);
    // An expired token is not a logout: this socket renews it as well.
    const hasEnded = this.#token !== null && this.#clock.leftMs(this.#claims) <= toleranceMs;
    if (!hasEnded || this.#core.auth === undefined) this.#logOut();
  }

  /** Stops the timers after the connection has ended, so that they do not keep the process alive. */
  stop(): void {
    this.#endRenewal();
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
  }

  /**
   * Applies the server's verdict: this token, or the cookie with these claims, is valid, or none is. Does not change
   * the token store.
   */
  #accept(
    isAuthenticated: boolean,
    token: string | null,
    claims = token === null ? null : decodeClaims(token),
    isRenewed = false,
  ): void {
    const { events } = this.#core;
    const oldAuthState = this.#state;
    const oldToken = this.#token;
    const { state: newAuthState, event } = nextAuthStep(oldAuthState, isAuthenticated ? 'accepted' : 'removed');
    const version = ++this.#changes;
    this.#state = newAuthState;
    this.#token = token;
    this.#claims = claims;
    if (!isRenewed) this.#endRenewal();
    this.#watchExpiry();
    if (newAuthState !== oldAuthState) {
      events.emit('authStateChange', { oldAuthState, newAuthState, signedAuthToken: token, authToken: claims });
    }
    if (version !== this.#changes || event === undefined) return;
    if (event === 'deauthenticate') events.emit(event, oldToken);
    else {
      events.emit(event, token);
      if (version === this.#changes) this.#owner.authenticated();
    }
  }

  /** Logs out locally and on the server. */
  #logOut(): void {
    for (const controller of [this.#logins, this.#adoption]) controller.abort();
    this.#logins = new AbortController();
    this.#forgetOnServer();
    this.#accept(false, null);
    this.#owner.loggedOut();
  }

  async #adopt(token: string | null): Promise<void> {
    if (token === null || token === this.#token) return;
    this.#adoption.abort();
    this.#adoption = new AbortController();
    // A handshake in flight carries a different token.
    this.#changes++;
    if (!this.#isOpen()) return;
    const { signal } = this.#adoption;
    try {
      await this.#show(token, signal, () => this.#accept(true, token));
    } catch (error) {
      // A permanent refusal needs no action: the other tab got the same response from the server.
      if (signal.aborted || !isRetryable(error) || !this.#isOpen()) return;
      const delayMs = reconnectDelay(0, this.#core.autoReconnectOptions, this.#core.platform.random());
      this.#cancelRetry = this.#core.platform.startTimer(() => void this.#adopt(this.#stored), delayMs);
    }
    // A login of this tab may have been stored meanwhile. The stored token is authoritative for all tabs.
    await this.#writing;
    if (this.#token !== token) return;
    // The server removed the stored token while this one was in flight: the removal is later.
    if (this.#stored === null) this.#logOut();
    else await this.#adopt(this.#stored);
  }

  async #show(token: string, signal: AbortSignal, taken: () => void): Promise<void> {
    const order = ++this.#shown;
    const answered = (answer: unknown): void => {
      const { isAuthenticated, authError } = Object(answer) as { isAuthenticated?: unknown; authError?: unknown };
      if ((authError ?? null) !== null) throw hydrateError(authError);
      if (isAuthenticated !== true) throw new AuthTokenInvalidError('The auth token was not accepted');
      if (order < this.#lastTaken) return;
      this.#lastTaken = order;
      taken();
    };
    const timeoutMs = this.#core.ackTimeout;
    const frame = (callId: number): object => authenticateFrame(token, callId);
    await this.#owner.call({ label: 'the login', timeoutMs, signal, frame, answered });
  }

  #isOpen(): boolean {
    return this.#core.connection !== undefined;
  }

  #forgetOnServer(): void {
    const connection = this.#core.connection;
    if (connection === undefined) return;
    this.#leaving++;
    const timeoutMs = Math.min(leavingMs, this.#core.ackTimeout);
    const done = (): void => {
      if (this.#core.connection === connection) this.#leaving--;
    };
    connection.call(new Call({ label: 'the logout', timeoutMs, frame: removeAuthTokenFrame }, this.#core, done));
  }

  /** Gets the next token from the source and sends it to the server. Retries with backoff until that succeeds. */
  async #renew(attempt = 0): Promise<void> {
    const { auth: source, events, autoReconnectOptions, connection, platform } = this.#core;
    if (source === undefined || connection === undefined || (this.#renewal !== undefined && attempt === 0)) return;
    const renewal = {};
    this.#renewal = renewal;
    try {
      const token = await source();
      if (this.#renewal !== renewal) return;
      if (token === null) {
        // The user is logged out.
        this.#renewal = undefined;
        return;
      }
      if (token === this.#token) throw new AuthTokenError('`auth` gave the expiring token again');
      await this.authenticate(token);
    } catch (error) {
      // Superseded by a logout, another token, or the end of the connection.
      if (this.#renewal !== renewal) return;
      const delayMs = reconnectDelay(attempt, autoReconnectOptions, platform.random());
      this.#cancelRetry = platform.startTimer(() => void this.#renew(attempt + 1), delayMs);
      events.emit('error', error);
    }
  }

  #endRenewal(): void {
    this.#renewal = undefined;
    this.#cancelRetry?.();
  }

  #expire(): void {
    const token = this.#token;
    if (this.#hasExpired || token === null) return;
    this.#hasExpired = true;
    this.#core.events.emit('authTokenExpire', token);
  }

  #watchExpiry(): void {
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
    this.#hasExpired = false;
    const leftMs = this.#clock.leftMs(this.#claims);
    if (this.#token === null || leftMs === Infinity) return;
    const expire = (): void => {
      this.#expire();
      void this.#renew();
    };
    this.#after(leftMs, expire);
    // Jitter, so that not all tabs renew at once: the other tabs adopt the token of the first one.
    const leadMs = Math.min(leftMs / 2, longestLeadMs) * (1 - this.#core.platform.random() / 5);
    if (this.#core.auth !== undefined) this.#after(leftMs - leadMs, () => void this.#renew());
  }

  #after(delayMs: number, run: () => void): void {
    // A lifetime longer than the longest timer is checked again when that timer fires.
    const isLast = delayMs <= longestMs;
    const wait = isLast ? Math.max(delayMs, 0) : longestMs;
    this.#cancelTimers.push(this.#core.platform.startTimer(isLast ? run : () => this.#watchExpiry(), wait));
  }

  #write(token: string | null): Promise<unknown> {
    this.#stored = token;
    const [done, run] =
      token === null
        ? (['removed', () => this.#store.remove()] as const)
        : (['stored', () => this.#store.save(token)] as const);
    return this.#inTurn(done, async () => {
      await run();
      this.#stored = token;
    });
  }

  async #inTurn<Result>(done: string, run: () => Promise<Result>): Promise<Result> {
    const outcome = this.#writing.then(run);
    // The caller gets the failure; queued operations run regardless.
    this.#writing = outcome.catch(() => undefined);
    try {
      return await outcome;
    } catch (cause) {
      throw new AuthTokenError(`The auth token could not be ${done}`, undefined, { cause });
    }
  }
}

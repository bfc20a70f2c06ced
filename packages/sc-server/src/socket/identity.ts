import { AuthError, AuthTokenError, AuthTokenNotBeforeError, MiddlewareBlockedError, closeCodes } from 'sc-protocol';
import { isAboutSettings, isRefusedToken } from '../auth/token-refusal.js';
import type { Expiring } from '../auth/token-expiry.js';
import type { AuthToken, IssuedToken } from '../auth/tokens.js';
import type { LoggedClient } from '../log/client-log.js';
import type { SignOptions } from '../auth/sign-options.js';
import { lostError, type CallEnd, type OutboundCalls } from './outbound-calls.js';
import type { FrameWriter } from './frame-writer.js';
import type { SCSocket } from './sc-socket.js';
import type { SocketState } from './state.js';
import type { UserSocket } from './users.js';
import type { ServerParts } from '../server/parts.js';

/** The subscriptions, which are rechecked when the identity changes. */
interface Rechecked {
  settle(): void;
  hold(): void;
  recheck(): void;
}

/** The socket whose identity it is. */
export interface IdentityOwner extends UserSocket, LoggedClient {
  readonly state: SocketState;
  readonly parts: ServerParts;
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  readonly calls: OutboundCalls;
  readonly subscriptions: (Rechecked & NonNullable<UserSocket['subscriptions']>) | undefined;
  announceBadToken(error: unknown, signedToken: unknown): void;
}

/** The identity state to pass on when the socket moves. */
export interface SavedIdentity {
  readonly token: AuthToken | undefined;
  readonly signedToken: string | undefined;
  readonly hasExpired: boolean;
  readonly failures: number;
}

/** A token that the client presented and that is being verified, or is in the line `authenticate`. */
interface Presentation {
  token: AuthToken | undefined;
}

/**
 * Answers a presentation with its outcome: `undefined` on success, otherwise the error. `isLatest` is true if the
 * socket's identity was not changed otherwise meanwhile.
 */
export type PresentationAnswer = (error: unknown, isLatest: boolean) => void;

/**
 * The identity of one socket. Every change increments the epoch; asynchronous work compares it to detect stale state.
 * The latest change wins: a presented token takes effect only if the identity has not changed since.
 */
export class Identity implements Expiring {
  readonly #core: IdentityOwner;
  #token: AuthToken | undefined;
  #signedToken: string | undefined;
  #epoch = 0;
  /** Number of changes that removed a token without a replacement. */
  #removals = 0;
  #hasExpired = false;
  /** The latest presentation, unless the identity was changed after it began. */
  #presented: Presentation | undefined;
  #settling: Promise<void> | undefined;
  /** Number of issued tokens that the client has not acknowledged. */
  #unconfirmed = 0;
  /** Send the token that is being signed twice: the response to a presentation follows the first copy. */
  #isRepeated = false;
  /** Consecutive failed presentations. */
  failures = 0;

  constructor(core: IdentityOwner) {
    this.#core = core;
  }

  get token(): AuthToken | undefined {
    return this.#token;
  }

  /** Number of identity changes so far. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Settles when the presentation in progress is decided; `undefined` without one. Never rejects. */
  get settling(): Promise<void> | undefined {
    return this.#settling;
  }

  /** Whether the last token was removed because it expired. */
  get hasExpired(): boolean {
    return this.#hasExpired;
  }

  /** Whether the client has not acknowledged an issued token. */
  get isUnconfirmed(): boolean {
    return this.#unconfirmed > 0;
  }

  get expiry(): number | undefined {
    const exp = this.#token?.exp;
    return exp === undefined ? undefined : exp + this.#core.parts.options.authClockToleranceMs / 1000;
  }

  /** Whether no token is being signed, verified or acknowledged. */
  get isSettled(): boolean {
    return this.#settling === undefined && this.#unconfirmed === 0;
  }

  save(): SavedIdentity {
    const { failures } = this;
    return { token: this.#token, signedToken: this.#signedToken, hasExpired: this.#hasExpired, failures };
  }

  /** Restores the state from another process. Emits no events: that process has already done so. */
  restore({ token, signedToken, hasExpired, failures }: SavedIdentity): void {
    this.#hasExpired = hasExpired;
    this.failures = failures;
    this.#token = token;
    this.#signedToken = signedToken;
    if (token !== undefined) this.#watch(token);
  }

  /**
   * Sets a new token on the socket at once, and sends it when signed, ahead of any frame sent after this call. Settles
   * when the client has acknowledged it.
   */
  async issue(claims: object, options?: SignOptions): Promise<void> {
    const core = this.#core;
    const { auth, options: serverOptions } = core.parts;
    const issued = auth.tokens.issue(claims, options);
    if (this.#isClosed()) throw lostError('the new auth token', closeCodes.hungUp);
    core.subscriptions?.settle();
    const place = core.writer.reserve();
    const removals = this.#removals;
    this.#presented = undefined;
    this.#unconfirmed += 1;
    const epoch = this.#become(issued.token);
    try {
      const { signed, token } = await this.#sign(issued);
      if (this.#isClosed()) throw lostError('the new auth token', closeCodes.hungUp);
      if (removals !== this.#removals) {
        throw new AuthTokenError('The auth token was removed before the client received it');
      }
      if (epoch === this.#epoch) this.#refine(token, signed);
      await new Promise<void>((resolve, reject) => {
        const end: CallEnd = (error) => (error === null ? resolve() : reject(error));
        const callId = core.calls.open('the new auth token', serverOptions.ackTimeout, undefined, end);
        place.fill(core.writer.encode({ type: 'setAuthToken', authToken: signed, callId }));
        if (epoch !== this.#epoch || !this.#isRepeated) return;
        this.#isRepeated = false;
        this.#repeat();
      });
    } catch (error) {
      if (!this.#isClosed()) this.#failUnsigned(epoch, error);
      throw error;
    } finally {
      this.#unconfirmed -= 1;
      place.fill();
    }
  }

  /**
   * Verifies a token that the client presents, runs the line `authenticate`, sets the token on the socket, and calls
   * `answer` once unless the socket has closed. Never rejects.
   */
  present(signedToken: unknown, answer: PresentationAnswer): Promise<void> {
    const presentation: Presentation = { token: undefined };
    this.#presented = presentation;
    const settling = this.#present(presentation, signedToken, answer).then(() => {
      if (this.#settling === settling) this.#settling = undefined;
    });
    this.#settling = settling;
    return settling;
  }

  /** Removes the token. `isToldToClient` is false if the client requested the removal. */
  remove(isToldToClient: boolean): void {
    this.#presented = undefined;
    this.#end(isToldToClient);
  }

  /** Removes the tokens of a user: the socket's token and the one being presented. */
  removeUser(user: string): void {
    const { users } = this.#core.parts.auth;
    const isPresented = users.userOf(this.#presented?.token) === user;
    if (isPresented) this.#presented = undefined;
    if (isPresented || users.userOf(this.#token) === user) this.#end(true, users.userOf(this.#token) === user);
  }

  /** Removes an expired token at the first check after its expiry. */
  expireIfDue(): void {
    const { expiry } = this;
    if (expiry === undefined || Date.now() < expiry * 1000) return;
    this.#hasExpired = true;
    // Keep a presentation in progress: it may renew the token.
    this.#end(true);
  }

  /**
   * Stops watching the token's expiry when the socket closes or the token is about to change. The token stays readable.
   */
  stop(): void {
    if (this.#token === undefined) return;
    const { expiry, users } = this.#core.parts.auth;
    expiry.forget(this);
    users.remove(this.#core, this.#token);
  }

  async #present(presentation: Presentation, signedToken: unknown, answer: PresentationAnswer): Promise<void> {
    const core = this.#core;
    let refusal: unknown;
    let isRefused = false;
    try {
      await this.#examine(presentation, signedToken);
    } catch (error) {
      isRefused = true;
      refusal = error;
    }
    if (core.state === 'closed') return;
    const isCurrent = this.#presented === presentation;
    if (isCurrent) this.#presented = undefined;
    if (isRefused) {
      this.failures += 1;
      if (isRefusedToken(refusal)) core.parts.clientLog.tokenRefused(core, refusal, isAboutSettings(refusal));
      if (isBadToken(refusal)) core.announceBadToken(refusal, signedToken);
      // If a token was issued meanwhile, the refusal does not apply to it.
      answer(refusal, isCurrent);
      if (!isCurrent) this.#repeat();
      return;
    }
    if (!isCurrent) {
      answer(this.#outcome(), false);
      this.#repeat();
      return;
    }
    core.subscriptions?.settle();
    // Listeners may change the identity again: the response precedes the frames they send, and reports the state after
    // them.
    core.writer.answerFirst(
      () => void this.#become(presentation.token, signedToken as string),
      () => answer(this.#outcome(), true),
    );
  }

  async #examine(presentation: Presentation, signedToken: unknown): Promise<void> {
    const core = this.#core;
    const { auth, middleware } = core.parts;
    const { users, tokens } = auth;
    const bearer = users.verifying();
    let authToken: AuthToken | undefined;
    try {
      authToken = await tokens.verify(signedToken);
      presentation.token = authToken;
    } finally {
      users.verified(bearer, core, authToken);
    }
    if (core.state === 'closed' || !middleware.has('authenticate')) return;
    users.add(core, authToken);
    try {
      // A verified token is a string.
      const signedAuthToken = signedToken as string;
      await middleware.run({ line: 'authenticate', socket: core.socket, authToken, signedAuthToken });
    } finally {
      users.remove(core, authToken);
    }
  }

  /** The outcome of an accepted presentation. The token may have been removed again meanwhile. */
  #outcome(): unknown {
    return this.#token === undefined
      ? new AuthError('The auth token was removed while it was being verified')
      : undefined;
  }

  /**
   * Sends a token that was issued meanwhile once more: the client treats the response to its presentation as the latest
   * state.
   */
  #repeat(): void {
    if (this.#token === undefined) return;
    if (this.#signedToken === undefined) this.#isRepeated = true;
    else this.#core.writer.sendFrame({ type: 'setAuthToken', authToken: this.#signedToken, callId: undefined });
  }

  async #sign({ signed }: IssuedToken): Promise<{ signed: string; token: AuthToken }> {
    const { auth, options } = this.#core.parts;
    const { tokens } = auth;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const fail = () => reject(new AuthTokenError(`The auth token was not signed within ${options.ackTimeout} ms`));
      timer = setTimeout(fail, options.ackTimeout).unref();
    });
    try {
      const text = await Promise.race([signed, late]);
      return { signed: text, token: await tokens.verify(text) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Updates the token to its signed form. The identity does not change. */
  #refine(token: AuthToken, signed: string): void {
    this.stop();
    this.#token = token;
    this.#signedToken = signed;
    this.#watch(token);
  }

  /** Removes a token that could not be signed, and closes the socket: the client could never present the token. */
  #failUnsigned(epoch: number, error: unknown): void {
    if (epoch !== this.#epoch || this.#token === undefined || this.#signedToken !== undefined) return;
    const { logger } = this.#core.parts;
    logger.error(`Socket ${this.#core.id} was closed because its auth token could not be signed`, { error });
    this.#end(false);
    this.#core.close(closeCodes.tokenSignFailed);
  }

  #end(isToldToClient: boolean, hasEnded = true): void {
    this.#core.subscriptions?.settle();
    if (isToldToClient) this.#core.writer.sendFrame({ type: 'removeAuthToken', callId: undefined });
    if (hasEnded) this.#become(undefined);
  }

  /** Changes the identity, emits its events, and rechecks the subscriptions. Returns the epoch. */
  #become(token: AuthToken | undefined, signedToken?: string): number {
    const core = this.#core;
    const old = this.#token;
    if (token === undefined && old === undefined) return this.#epoch;
    this.stop();
    this.#token = token;
    this.#signedToken = signedToken;
    this.#isRepeated = false;
    const epoch = ++this.#epoch;
    if (token === undefined) this.#removals += 1;
    else {
      this.#hasExpired = false;
      this.failures = 0;
      this.#watch(token);
    }
    core.subscriptions?.hold();
    core.socket.announceIdentity(old, token, () => epoch === this.#epoch);
    if (epoch === this.#epoch) core.subscriptions?.recheck();
    return epoch;
  }

  #isClosed(): boolean {
    return this.#core.state === 'closed';
  }

  #watch(token: AuthToken): void {
    const { expiry, users } = this.#core.parts.auth;
    expiry.watch(this);
    users.add(this.#core, token);
  }
}

const harmless = [AuthTokenNotBeforeError, MiddlewareBlockedError, AuthError];

/**
 * Whether the token can never become valid. False for a token that is not valid yet, was refused by the application, or
 * was removed while being verified.
 */
export function isBadToken(error: unknown): boolean {
  return !harmless.some((kind) => error instanceof kind);
}

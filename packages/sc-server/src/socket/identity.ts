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

/** State to authorize again when the identity changes. */
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

/** The identity of a client, for the process that goes on with it. */
export interface SavedIdentity {
  readonly token: AuthToken | undefined;
  readonly signedToken: string | undefined;
  readonly hasExpired: boolean;
  readonly failures: number;
}

/** A token that the client presented and that is being verified, or looked at by the line `authenticate`. */
interface Presentation {
  token: AuthToken | undefined;
}

/**
 * Answers the client with the outcome of a presentation: `undefined`, or why the token does not count. `isLatest` says
 * that nothing else was decided about the socket's identity meanwhile.
 */
export type PresentationAnswer = (error: unknown, isLatest: boolean) => void;

/**
 * The identity of one socket. Every change has a number, the epoch: asynchronous work compares it before it acts on
 * earlier state. The latest change wins, and a presented token takes effect only if the identity has not changed since.
 */
export class Identity implements Expiring {
  readonly #core: IdentityOwner;
  #token: AuthToken | undefined;
  #signedToken: string | undefined;
  #epoch = 0;
  /** Changes by which a token ended without another one in its place. */
  #removals = 0;
  #hasExpired = false;
  /** The latest presentation, unless something was decided since it began. */
  #presented: Presentation | undefined;
  #settling: Promise<void> | undefined;
  /** Tokens issued here that the client has not confirmed. */
  #unconfirmed = 0;
  /** The token that is being signed has to be sent once more: the answer to a presentation left after it. */
  #isRepeated = false;
  /** Failed attempts in a row. */
  failures = 0;

  constructor(core: IdentityOwner) {
    this.#core = core;
  }

  get token(): AuthToken | undefined {
    return this.#token;
  }

  /** The number of the latest change. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Settles when the presentation under way is decided; never rejects. */
  get settling(): Promise<void> | undefined {
    return this.#settling;
  }

  /** Whether the last token was lost because its time was up. */
  get hasExpired(): boolean {
    return this.#hasExpired;
  }

  /** Whether a token was issued that the client may not know of yet. */
  get isUnconfirmed(): boolean {
    return this.#unconfirmed > 0;
  }

  get expiry(): number | undefined {
    const exp = this.#token?.exp;
    return exp === undefined ? undefined : exp + this.#core.parts.options.authClockToleranceMs / 1000;
  }

  /** Whether nothing is being signed, verified or confirmed. */
  get isSettled(): boolean {
    return this.#settling === undefined && this.#unconfirmed === 0;
  }

  save(): SavedIdentity {
    const { failures } = this;
    return { token: this.#token, signedToken: this.#signedToken, hasExpired: this.#hasExpired, failures };
  }

  /** Takes over what another process knew. The application was told there. */
  restore({ token, signedToken, hasExpired, failures }: SavedIdentity): void {
    this.#hasExpired = hasExpired;
    this.failures = failures;
    this.#token = token;
    this.#signedToken = signedToken;
    if (token !== undefined) this.#watch(token);
  }

  /**
   * Makes a new token the socket's from now on, and sends it as soon as it is signed, before any frame that is sent after
   * this call. Settles when the client has stored it.
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
   * Verifies a token that the client presents, lets the line `authenticate` look at it, makes it the socket's, and calls
   * `answer` once, unless the socket is closed by then. Never rejects.
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

  /** Takes the token away; the client is told unless it was its own wish. */
  remove(isToldToClient: boolean): void {
    this.#presented = undefined;
    this.#end(isToldToClient);
  }

  /** Takes away what belongs to a user: the socket's token, and the one that it is presenting. */
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
    // A token that is being presented may renew it.
    this.#end(true);
  }

  /** The socket is closed, or the token is about to change: stop watching its expiry. The token stays readable. */
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
      // A token that was issued meanwhile is not the one that is bad.
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
    // Listeners may change the identity again: the answer leaves before what they send and says what is true after them.
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
      // Verified, so it is a string.
      const signedAuthToken = signedToken as string;
      await middleware.run({ line: 'authenticate', socket: core.socket, authToken, signedAuthToken });
    } finally {
      users.remove(core, authToken);
    }
  }

  /** The answer for an accepted token, which may have been removed again meanwhile. */
  #outcome(): unknown {
    return this.#token === undefined
      ? new AuthError('The auth token was removed while it was being verified')
      : undefined;
  }

  /** A client takes the answer to its presentation for the latest word; a token issued meanwhile is said once more. */
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

  /** Ends a token for which there is no signature, and the socket with it: its client could never show the token. */
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

  /** Changes the identity, tells the application, and has every subscription asked for again. Returns the epoch. */
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
 * Whether the token will never be valid. Not so one that is not valid yet, that the application refused, or that was taken
 * away while it was being verified.
 */
export function isBadToken(error: unknown): boolean {
  return !harmless.some((kind) => error instanceof kind);
}

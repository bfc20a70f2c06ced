import type { IncomingMessage } from 'node:http';
import { SocketProtocolError, closeCodes, dehydrateError, type CallId, type HandshakeFrame } from 'sc-protocol';
import { b6Greeting, errorForClient } from 'sc-protocol/legacy';
import { cookieOf } from '../http/cookie.js';
import type { OriginCheck } from '../http/origins.js';
import type { LimitName } from '../limits/limit-hits.js';
import type { AuthToken } from '../auth/tokens.js';
import type { FrameWriter } from './frame-writer.js';
import type { SocketState } from './state.js';

/** The socket that is opening. */
export interface OpeningOwner {
  readonly id: string;
  readonly state: SocketState;
  readonly request: IncomingMessage;
  readonly authToken: AuthToken | undefined;
  readonly writer: FrameWriter;
  readonly identity: { present(signedToken: unknown, answer: (error: unknown) => void): Promise<void> };
  readonly parts: {
    readonly options: {
      readonly handshakeTimeout: number;
      readonly pingTimeout: number;
      readonly authCookieName: string;
      readonly legacyDialects: readonly string[];
    };
    readonly auth: { readonly origins: OriginCheck };
  };
  readonly receiver: { holdUp(busy: Promise<void>): void };
  readonly transport: { end(): void };
  open(): Promise<void> | undefined;
  closeAtLimit(limit: LimitName, code: number): void;
}

/**
 * Time allowed for a handshake to arrive before the B6 greeting; clients of generation B6 give up after nine seconds.
 */
const greetAfterMs = 1_000;

/**
 * A socket before it is open: its handshake deadline, and the greeting for clients of generation B6, which send no
 * `#handshake` and may send other frames at once. Such a client is greeted when its first frame is not a handshake, or
 * when no frame has arrived for `greetAfterMs`.
 */
export class Opening {
  readonly #owner: OpeningOwner;
  readonly #deadline: NodeJS.Timeout;
  readonly #greetTimer: NodeJS.Timeout | undefined;
  /** Whether B6 clients are supported and no handshake has arrived. */
  #servesB6: boolean;
  #greeted: Promise<void> | undefined;
  /** Call id of the unanswered handshake. */
  #callId: CallId | undefined;

  constructor(owner: OpeningOwner) {
    const { handshakeTimeout, legacyDialects } = owner.parts.options;
    this.#owner = owner;
    this.#servesB6 = legacyDialects.includes('b6');
    this.#deadline = setTimeout(() => this.#onDeadline(), handshakeTimeout);
    if (this.#servesB6) this.#greetTimer = setTimeout(() => this.#onQuiet(), greetAfterMs);
  }

  /** Starts the handshake: the client uses a dialect that has one. */
  begin(frame: HandshakeFrame): void {
    this.#stopGreeting();
    this.#callId = frame.callId;
    this.#owner.writer.settleDialect(frame);
  }

  /**
   * Greets a client whose first frame is not a handshake. Its frames wait for the returned promise, which never
   * rejects. Returns `undefined` if B6 clients are not supported.
   */
  greet(): Promise<void> | undefined {
    if (!this.#servesB6) return undefined;
    return (this.#greeted ??= this.#greet());
  }

  /** Answers an unanswered handshake with an error, so the client need not wait for its timeout. */
  refuse(statusCode: number, reason: string): void {
    const callId = this.#callId;
    if (callId === undefined) return;
    this.#callId = undefined;
    const { writer } = this.#owner;
    const refusal = new SocketProtocolError(reason === '' ? 'The server closed the socket' : reason, { statusCode });
    const error = errorForClient(writer.dialect, refusal);
    writer.sendFrame({ type: 'response', responseId: callId, error, data: { code: statusCode } });
  }

  /** Stops the timers once the socket is open or closed. */
  stop(): void {
    clearTimeout(this.#deadline);
    this.#stopGreeting();
  }

  #stopGreeting(): void {
    clearTimeout(this.#greetTimer);
    this.#servesB6 = false;
  }

  #onQuiet(): void {
    const greeted = this.greet();
    if (greeted !== undefined) this.#owner.receiver.holdUp(greeted);
  }

  #onDeadline(): void {
    this.#owner.closeAtLimit('handshakeTimeout', closeCodes.handshakeTimeout);
    // A client that never sent a handshake will not answer the close frame.
    this.#owner.transport.end();
  }

  async #greet(): Promise<void> {
    clearTimeout(this.#greetTimer);
    const owner = this.#owner;
    const { options, auth } = owner.parts;
    const { authCookieName, pingTimeout } = options;
    owner.writer.speakB6(authCookieName);
    // Any site's page can send the visitor's cookies, so accept them only from an origin that is listed by name.
    const signedToken = auth.origins.trustsCookies(owner.request) ? cookieOf(owner.request, authCookieName) : undefined;
    let authError: unknown;
    if (signedToken !== undefined) {
      await owner.identity.present(signedToken, (error) => {
        // Report it to the client, which stays unauthenticated.
        if (error !== undefined) authError = dehydrateError(error);
      });
    }
    if (owner.state !== 'connecting') return;
    const isAuthenticated = owner.authToken !== undefined;
    const status = { id: owner.id, isAuthenticated, pingTimeout, ...(authError !== undefined && { authError }) };
    for (const frame of b6Greeting(status)) owner.writer.sendFrame(frame);
    await owner.open();
  }
}

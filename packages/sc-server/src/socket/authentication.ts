import type { SocketCore } from './socket-core.js';
import { recheckSubscriptions } from './subscriptions.js';
import type { Expiring } from '../auth/token-expiry.js';
import type { AuthToken } from '../auth/tokens.js';

/** Who one socket is: the token it holds, from the moment it is accepted until it is taken away or runs out. */
export class Authentication implements Expiring {
  readonly #core: SocketCore;
  #token: AuthToken | undefined;
  #signedToken: string | undefined;
  #hasExpired = false;
  /** Failed attempts in a row. */
  failures = 0;

  constructor(core: SocketCore) {
    this.#core = core;
  }

  get token(): AuthToken | undefined {
    return this.#token;
  }

  get signedToken(): string | undefined {
    return this.#signedToken;
  }

  /** Whether the last token was lost because its time was up. */
  get hasExpired(): boolean {
    return this.#hasExpired;
  }

  get expiry(): number | undefined {
    return this.#token?.exp;
  }

  /** Makes the token the socket's. What it was subscribed to under another token has to be allowed again. */
  set(token: AuthToken, signedToken: string): void {
    const core = this.#core;
    const old = this.#signedToken;
    this.stop();
    this.#token = token;
    this.#signedToken = signedToken;
    this.#hasExpired = false;
    this.failures = 0;
    core.host.tokenExpiry.watch(this);
    core.host.users.add(core);
    core.socket.announceAuthentication(token, old !== undefined);
    if (old !== undefined && old !== signedToken) recheckSubscriptions(core);
  }

  /** Takes the token away; the client is told unless it was its own wish. */
  remove(isToldToClient: boolean): void {
    const core = this.#core;
    const old = this.#token;
    this.stop();
    this.#token = undefined;
    this.#signedToken = undefined;
    if (isToldToClient) core.sendFrame({ type: 'removeAuthToken', callId: undefined });
    if (old === undefined) return;
    core.socket.announceDeauthentication(old);
    recheckSubscriptions(core);
  }

  /** Ends the token's power the moment its time is up, whoever asks first. */
  expireIfDue(): void {
    const { expiry } = this;
    if (expiry === undefined || Date.now() < expiry * 1000) return;
    this.remove(true);
    this.#hasExpired = true;
  }

  /** The socket is closed, or the token about to change: nobody need watch it. The token stays readable. */
  stop(): void {
    if (this.#token === undefined) return;
    this.#core.host.tokenExpiry.forget(this);
    this.#core.host.users.remove(this.#core);
  }
}

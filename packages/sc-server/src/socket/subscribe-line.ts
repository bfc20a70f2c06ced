import { AuthError, AuthTokenExpiredError, type SubscribeRequest } from 'sc-protocol';
import type { Wanted } from '../channels/recovery.js';
import { presenceWanted } from '../presence/wanted.js';
import type { HistoryQuery, SubscribeContext } from './middleware-contexts.js';
import type { SubscriptionsOwner } from './subscription.js';

/** Decision of the line "subscribe". */
export interface Outcome {
  readonly error: { readonly reason: unknown } | undefined;
  readonly wanted: Wanted;
}

/** Runs the middleware line `subscribe` for one socket. */
export class SubscribeLine {
  readonly #core: SubscriptionsOwner;

  constructor(core: SubscriptionsOwner) {
    this.#core = core;
  }

  /**
   * Checks whether the client may subscribe or read the channel's history. Never rejects. For a server-initiated
   * subscription, only checks that the required token is present.
   */
  async ask(request: SubscribeRequest, isByServer = false, history?: HistoryQuery): Promise<Outcome> {
    const { parts, socket } = this.#core;
    const { channel, waitForAuth, data } = request;
    const wanted: Wanted = this.wantedOf(request);
    const { since: from, rewind: past, presence } = wanted;
    const context: SubscribeContext = {
      line: 'subscribe',
      socket,
      channel,
      waitForAuth,
      data,
      ...(from && { since: from }),
      ...(past !== undefined && { rewind: past }),
      ...presence,
      history,
    };
    try {
      this.checkToken(request);
      if (this.mustAsk && !isByServer) await parts.middleware.run(context);
    } catch (reason) {
      return { error: { reason }, wanted };
    }
    const { since, rewind, join, info, members } = context;
    return {
      error: undefined,
      wanted: {
        since,
        rewind,
        isWithheld: since === undefined && wanted.since !== undefined,
        ...(presence && { presence: { join: join === true, info, members } }),
      },
    };
  }

  /** The requested range of past publications; empty if the client does not support positions. */
  wantedOf(request: SubscribeRequest): Wanted {
    const presence = this.#core.knowsPresence ? presenceWanted(request) : undefined;
    const members = presence && { presence };
    if (!this.#core.knowsPositions) return { ...members };
    const { since, rewind } = request;
    return { ...(since && { since }), ...(rewind !== undefined && { rewind }), ...members };
  }

  get mustAsk(): boolean {
    return this.#core.parts.middleware.has('subscribe');
  }

  /** Throws if the request needs a token and the socket has no valid one. */
  checkToken({ channel, waitForAuth }: SubscribeRequest): void {
    const { identity } = this.#core;
    identity.expireIfDue();
    if (!waitForAuth || identity.token !== undefined) return;
    const message = `Subscribing to "${channel}" needs a valid auth token`;
    throw identity.hasExpired ? new AuthTokenExpiredError(message) : new AuthError(message);
  }
}

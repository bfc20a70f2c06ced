import { AuthTokenExpiredError, BadConnectionError } from 'sc-protocol';
import { type ChannelOwner, ChannelSet, type PendingChannel } from 'sc-channel';
import { Call } from './call.js';
import type { Connection } from './connection.js';
import type { Platform } from './platform.js';

export interface SubscriptionsHooks extends Pick<Required<ChannelOwner>, 'publish' | 'reportError' | 'channelEvent'> {
  isAuthenticated(): boolean;
}

/** The socket's channels, and the frames that keep them subscribed. */
export class Subscriptions {
  readonly channels: ChannelSet;
  readonly #platform: Platform;
  readonly #hooks: SubscriptionsHooks;
  #connection: Connection | undefined;
  /** What was asked for on this connection, by the number of the request: an answer to an earlier one says nothing. */
  readonly #asked = new Map<string, number>();
  #requests = 0;

  constructor(platform: Platform, hooks: SubscriptionsHooks) {
    this.#platform = platform;
    this.#hooks = hooks;
    this.channels = new ChannelSet({
      ...hooks,
      requestSubscribe: (channel) => this.#requestSubscribe(channel),
      requestUnsubscribe: (name) => this.#requestUnsubscribe(name),
    });
  }

  /** From now on subscriptions are asked for on this connection. */
  opened(connection: Connection): void {
    this.#connection = connection;
  }

  lost(): void {
    this.#connection = undefined;
    this.#asked.clear();
    this.channels.lost();
  }

  /** Asks for every pending channel that was not asked for yet; or only for those that waited for a token. */
  askForPending(onlyWaiting = false): void {
    for (const channel of this.channels.pendingInOrder()) {
      const isMeant = !onlyWaiting || channel.options.waitForAuth === true;
      if (isMeant && !this.#asked.has(channel.name)) this.#requestSubscribe(channel);
    }
  }

  kickedOut(name: string, message: string): void {
    this.#asked.delete(name);
    this.channels.kickedOut(name, message);
  }

  #requestSubscribe({ name, options }: PendingChannel): void {
    const connection = this.#connection;
    const waitForAuth = options.waitForAuth === true;
    if (connection === undefined || (waitForAuth && !this.#hooks.isAuthenticated())) return;
    const request = ++this.#requests;
    this.#asked.set(name, request);
    // No deadline: it is a standing order, pending until it is answered or the connection ends.
    const settings = { label: `the subscription to "${name}"`, timeoutMs: undefined };
    const call = new Call(settings, this.#platform, (error) => {
      if (this.#asked.get(name) !== request || error instanceof BadConnectionError) return;
      if (error === null) {
        this.channels.subscribed(name);
        return;
      }
      this.#asked.delete(name);
      // Stays pending: it is asked for again with the next token.
      if (waitForAuth && isExpiry(error)) return;
      this.channels.failed(name, error);
    });
    const { data, batch = false } = options;
    const subscription = { channel: name, waitForAuth, ...(data !== undefined && { data }), ...(batch && { batch }) };
    connection.call((callId) => ({ type: 'subscribe', callId, subscriptions: [subscription] }), call);
  }

  #requestUnsubscribe(name: string): void {
    if (!this.#asked.delete(name)) return;
    this.#connection?.send({ type: 'unsubscribe', callId: undefined, channels: [name] });
  }
}

function isExpiry(error: unknown): boolean {
  return error instanceof AuthTokenExpiredError || (error as Error).name === 'AuthTokenExpiredError';
}

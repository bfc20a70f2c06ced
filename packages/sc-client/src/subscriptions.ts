import { BadConnectionError } from 'sc-protocol';
import { type ChannelOwner, ChannelSet, type PendingChannel } from 'sc-channel';
import { Call } from './call.js';
import type { Connection } from './connection.js';
import type { Platform } from './platform.js';

export interface SubscriptionsHooks extends Omit<ChannelOwner, 'requestSubscribe' | 'requestUnsubscribe'> {
  /** The open connection, if there is one. */
  connection(): Connection | undefined;
  isAuthenticated(): boolean;
}

/** The socket's channels, and the frames that keep them subscribed. */
export class Subscriptions {
  readonly channels: ChannelSet;
  readonly #platform: Platform;
  readonly #hooks: SubscriptionsHooks;
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

  lost(): void {
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
    const connection = this.#hooks.connection();
    const waitForAuth = options.waitForAuth === true;
    if (connection === undefined || (waitForAuth && !this.#hooks.isAuthenticated())) return;
    const request = ++this.#requests;
    this.#asked.set(name, request);
    // No deadline: it is a standing order, pending until it is answered or the connection ends.
    const settings = { label: name, timeoutMs: undefined };
    const call = new Call(settings, this.#platform, (error) => {
      if (this.#asked.get(name) !== request || error instanceof BadConnectionError) return;
      if (error === null) {
        this.channels.subscribed(name);
        return;
      }
      this.#asked.delete(name);
      // Stays pending: it is asked for again with the next token.
      if (waitForAuth && (error as Error).name === 'AuthTokenExpiredError') return;
      this.channels.failed(name, error);
    });
    // `priority` is ours alone.
    connection.call('#subscribe', { channel: name, ...options, priority: undefined }, call);
  }

  #requestUnsubscribe(name: string): void {
    if (this.#asked.delete(name)) this.#hooks.connection()?.send('#unsubscribe', name);
  }
}

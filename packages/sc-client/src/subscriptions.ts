import { BadConnectionError, type PublicationFrame, type SubscribedFrame, isRetryable } from 'sc-protocol';
import { subscribeFrame, unsubscribeFrame } from 'sc-protocol/client';
import { type ChannelOwner, ChannelSet, type PendingChannel } from 'sc-channel';
import { Call, type CallCore } from './call.js';
import type { Connection } from './connection.js';
import { type ReconnectOptions, reconnectDelay } from './reconnect.js';

export interface SubscriptionsCore extends CallCore {
  readonly connection: Connection | undefined;
  readonly autoReconnectOptions: ReconnectOptions;
  readonly reportError: (error: unknown) => void;
}

export interface SubscriptionsOwner extends Omit<
  ChannelOwner,
  'requestSubscribe' | 'requestUnsubscribe' | 'optionsChanged' | 'requestMissing' | 'reportError'
> {
  readonly isAuthenticated: () => boolean;
  /** Changes whenever the auth token does. */
  readonly authVersion: () => number;
}

/** Minimum time between two requests for missing publications of a channel. */
const healingMs = 1000;

/** The socket's channels, and the frames that keep them subscribed. */
export class Subscriptions {
  readonly channels: ChannelSet;
  readonly #core: SubscriptionsCore;
  readonly #owner: SubscriptionsOwner;
  /**
   * Channels requested on this connection, with the number of the request in flight or 0. Responses to earlier requests
   * are ignored.
   */
  readonly #asked = new Map<string, number>();
  /** Channels whose subscription ended with the token: pending until the next one. */
  readonly #expelled = new Set<string>();
  /** Channels refused for lack of a token although there is one, with the version of that token. */
  readonly #doubted = new Map<string, number>();
  /**
   * Channels whose missing publications were requested within the last second, with the function that cancels its
   * timer.
   */
  readonly #healed = new Map<string, () => void>();
  /** Channels that have missed publications again within that second. */
  readonly #missing = new Set<string>();
  #requests = 0;
  #attempt = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(core: SubscriptionsCore, owner: SubscriptionsOwner) {
    this.#core = core;
    this.#owner = owner;
    this.channels = new ChannelSet({
      ...owner,
      reportError: core.reportError,
      requestSubscribe: (channel) => this.#request(channel),
      optionsChanged: (channel) => this.#request(channel),
      requestMissing: (channel) => this.#heal(channel),
      requestUnsubscribe: (name) => {
        this.#settled(name);
        if (this.#asked.delete(name)) core.connection?.send(unsubscribeFrame(name));
      },
    });
  }

  lost(): void {
    this.stop();
    this.#attempt = 0;
    this.#asked.clear();
    this.channels.lost();
  }

  stop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    for (const cancel of this.#healed.values()) cancel();
    this.#healed.clear();
    this.#missing.clear();
  }

  /** Requests every pending channel that is not yet requested, or only the channels that wait for a token. */
  askForPending(onlyWaiting = false): void {
    for (const channel of this.channels.pendingInOrder()) {
      if (!onlyWaiting || this.#waitsForAuth(channel)) this.#request(channel);
    }
  }

  /**
   * Passes a publication to the watchers. Dropped if the channel is not requested on this connection: it was sent
   * before the server received an unsubscribe or a logout. Delivered while pending, because acks may arrive in batches,
   * after publications. Hot path.
   */
  deliver(frame: PublicationFrame): void {
    if (this.#asked.has(frame.channel)) this.channels.deliver(frame.channel, frame.data, frame);
  }

  /** Handles a subscription made by the server. Ignored during a request, whose response has the same effect. */
  ordered({ channel, waitForAuth, ack }: SubscribedFrame): void {
    if (this.#asked.has(channel)) return;
    this.#asked.set(channel, 0);
    this.channels.ordered(channel, waitForAuth === true, ack);
  }

  /** Handles a kick-out. `waitForAuth`: the subscription ended only because the token did. */
  kickedOut(name: string, message: string, waitForAuth = false): void {
    const record = this.channels.record(name);
    // While pending, the kick-out refers to an earlier subscription that both ends have already ended.
    if (record?.state !== 'subscribed') return;
    // A recovery request in flight would subscribe the channel again.
    if (this.#asked.get(name)) this.#core.connection?.send(unsubscribeFrame(name));
    this.#asked.delete(name);
    if (waitForAuth || (record.options.waitForAuth === true && !this.#owner.isAuthenticated())) {
      this.#expelled.add(name);
      this.channels.lost(name);
      // A listener may have unsubscribed by now, and a subscription made by the server has ended.
      if (this.channels.record(name)?.state === 'pending') this.#request(record);
      else this.#expelled.delete(name);
    } else this.channels.kickedOut(name, message);
  }

  /** Ends subscriptions that need a token at a local logout, without waiting for the server. They become pending. */
  loggedOut(): void {
    for (const name of [...this.#asked.keys()]) {
      if (this.channels.record(name)?.options.waitForAuth !== true) continue;
      // The response to a request in flight refers to the old token.
      this.#asked.delete(name);
      this.#core.connection?.send(unsubscribeFrame(name));
      this.channels.lost(name);
    }
  }

  #waitsForAuth({ name, options }: PendingChannel): boolean {
    return options.waitForAuth === true || this.#expelled.has(name);
  }

  #request(channel: PendingChannel): void {
    const { name, options } = channel;
    const { connection } = this.#core;
    const { isAuthenticated, authVersion } = this.#owner;
    const waits = this.#waitsForAuth(channel);
    if (connection === undefined || this.#asked.has(name) || (waits && !isAuthenticated())) return;
    const request = ++this.#requests;
    const version = authVersion();
    this.#asked.set(name, request);
    // `priority` is local.
    const data = { channel: name, ...options, priority: undefined, since: channel.position };
    // No deadline: a subscription stays pending until the response or the end of the connection.
    const settings = { label: name, frame: (callId: number): object => subscribeFrame(data, callId) };
    const call = new Call(settings, this.#core, (error, answer) => {
      if (this.#asked.get(name) !== request || error instanceof BadConnectionError) return;
      if (error === null) {
        this.#attempt = 0;
        this.#asked.set(name, 0);
        this.#settled(name);
        this.#missing.delete(name);
        this.channels.subscribed(name, answer);
        return;
      }
      // The subscription stayed open during a recovery request, and still exists on the server.
      if (this.channels.record(name)?.state === 'subscribed') connection.send(unsubscribeFrame(name));
      this.channels.lost(name);
      if (this.#asked.get(name) !== request) return;
      this.#asked.delete(name);
      if (waits && version !== authVersion()) {
        // Refused because of a token that has been replaced: request again with the current one, or wait for the next.
        this.#request(channel);
      } else if (isRetryable(error)) this.#retry();
      else if (waits && isMissingToken(error) && this.#doubted.get(name) !== version) {
        // The server has no token any more, and its notification is in flight.
        this.#doubted.set(name, version);
        this.#retry();
      } else {
        this.#settled(name);
        this.channels.failed(name, error);
      }
    });
    connection.call(call);
  }

  #settled(name: string): void {
    this.#expelled.delete(name);
    this.#doubted.delete(name);
  }

  /** Resubscribes a channel with missing publications: immediately, then at most once a second. */
  #heal(channel: PendingChannel): void {
    const { name } = channel;
    if (this.#healed.has(name)) {
      this.#missing.add(name);
      return;
    }
    this.#asked.delete(name);
    this.#request(channel);
    const elapsed = (): void => {
      this.#healed.delete(name);
      if (this.#missing.delete(name) && this.channels.record(name) === channel) this.#heal(channel);
    };
    this.#healed.set(name, this.#core.platform.startTimer(elapsed, healingMs));
  }

  #retry(): void {
    const delayMs = reconnectDelay(this.#attempt++, this.#core.autoReconnectOptions, this.#core.platform.random());
    this.#cancelRetry ??= this.#core.platform.startTimer(() => {
      this.#cancelRetry = undefined;
      this.askForPending();
    }, delayMs);
  }
}

function isMissingToken(error: unknown): boolean {
  return /^Auth(TokenExpired)?Error$/.test((error as Error).name);
}

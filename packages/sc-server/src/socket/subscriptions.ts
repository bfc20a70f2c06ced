import { InvalidActionError, closeCodes, type HistoryAck, type ServerFrame, type SubscribeRequest } from 'sc-protocol';
import { isInternalChannel } from '../channels/internal-channel.js';
import type { MembershipEnd } from 'ndata-store';
import { SocketPresence } from '../presence/socket-presence.js';
import { checkInfo } from '../presence/wanted.js';
import { CatchUp } from './catch-up.js';
import { lostError } from './outbound-calls.js';
import type { HistoryQuery } from './middleware-contexts.js';
import { SubscribeLine } from './subscribe-line.js';
import {
  channelLimitError,
  createHeld,
  createSubscription,
  isEnded,
  subscribedFrame,
  type Answer,
  type Asked,
  type Subscription,
  type SubscriptionsOwner,
} from './subscription.js';
import { untilAllowed } from './until-allowed.js';

const done = Promise.resolve();
const ignore = (): void => undefined;

/**
 * The subscriptions of one socket, including requested ones. Each is rechecked after every change of identity, so
 * kick-outs and token changes also affect requests that are still in middleware.
 */
export class Subscriptions {
  readonly #core: SubscriptionsOwner;
  readonly #line: SubscribeLine;
  /** Only for clients with the feature `presence`. */
  readonly presence: SocketPresence | undefined;
  readonly #byChannel = new Map<string, Subscription>();
  /** Number of subscriptions in the states `joining` and `active`. */
  #standing = 0;

  constructor(core: SubscriptionsOwner) {
    this.#core = core;
    this.#line = new SubscribeLine(core);
    const find = (channel: string): Subscription | undefined => this.#byChannel.get(channel);
    this.presence = core.knowsPresence ? new SocketPresence(core, this.#line, find) : undefined;
  }

  /** The channels of all subscriptions, in any state. */
  get channels(): string[] {
    return [...this.#byChannel.keys()];
  }

  active(): string[] {
    return this.channels.filter((channel) => this.isActive(channel));
  }

  get(channel: string): Subscription | undefined {
    return this.#byChannel.get(channel);
  }

  isActive(channel: string): boolean {
    return this.#byChannel.get(channel)?.state === 'active';
  }

  /** Sends a frame to this client alone, or buffers it while the subscription is being rechecked. */
  deliver(channel: string, frame: ServerFrame, isVolatile: boolean): void {
    const subscription = this.#byChannel.get(channel);
    if (subscription?.state !== 'active') return;
    const core = this.#core;
    if (subscription.held !== undefined)
      subscription.held.send(core.writer.encode(frame), Number(frame.type === 'publication'));
    else if (isVolatile) core.writer.sendVolatile(frame);
    else core.writer.sendFrame(frame);
  }

  /** Subscribes the client, or runs the line `subscribe` again if it is already subscribed. Throws the refusal. */
  request(request: SubscribeRequest, answer: Answer = ignore): Pick<Subscription, 'asked' | 'ready'> {
    const { channel } = request;
    if (isInternalChannel(channel)) {
      this.#core.parts.counters.refusals.internalChannel += 1;
      throw new InvalidActionError(`Clients cannot subscribe to "${channel}"`);
    }
    checkInfo(request);
    const existing = this.#byChannel.get(channel);
    if (existing?.state === 'active') return this.#askAgainFor(existing, request, answer);
    if (existing !== undefined) return existing;
    if (!this.#line.mustAsk) this.#line.checkToken(request);
    const subscription = this.#add(request, answer);
    this.#start(subscription);
    return subscription;
  }

  /** Server-initiated subscribe: skips the line `subscribe` and notifies the client. Settles once it is active. */
  async order(request: SubscribeRequest): Promise<void> {
    const { channel } = request;
    const { knowsPositions, writer } = this.#core;
    if (isInternalChannel(channel)) throw new InvalidActionError(`Clients cannot subscribe to "${channel}"`);
    const existing = this.#byChannel.get(channel);
    if (existing !== undefined) {
      existing.isByServer = true; // The response to the client's own request informs it.
      return existing.ready;
    }
    if (!knowsPositions) {
      throw new InvalidActionError(
        `The client does not take subscriptions of the server: it must ask for "${channel}"`,
      );
    }
    this.#line.checkToken(request);
    const subscription = this.#add(request, (ack) => writer.sendFrame(subscribedFrame(request, ack)), true);
    this.#start(subscription);
    return subscription.ready;
  }

  /** Ends the subscription at the client's request. */
  leave(channel: string): void {
    const subscription = this.#byChannel.get(channel);
    if (subscription === undefined) return;
    const { isByServer, state } = subscription;
    this.#end(subscription, new InvalidActionError(`The client left "${channel}" before it was subscribed`));
    // The request may have crossed the server's `subscribed` frame: confirm the end to the client.
    if (isByServer && state === 'active') this.#core.writer.sendFrame({ type: 'kickOut', channel, message: '' });
  }

  /** Ends or refuses one subscription, or all. The client is notified and does not resubscribe by itself. */
  kickOut(channel: string | undefined, message: string): void {
    for (const one of channel === undefined ? this.channels : [channel]) {
      const subscription = this.#byChannel.get(one);
      if (subscription !== undefined) this.#kickOut(subscription, message, false);
    }
  }

  /** Flushes all publications before the client is notified of a new identity. */
  settle(): void {
    for (const channel of this.active()) this.#core.parts.channels.fanOut.settle(channel);
  }

  /** Buffers the publications of every subscription that must be rechecked, while the identity changes. */
  hold(): void {
    const core = this.#core;
    this.presence?.identityChanged();
    for (const subscription of this.#byChannel.values()) {
      if (subscription.state !== 'active' || subscription.held !== undefined) continue;
      if (!this.#isInQuestion(subscription)) continue;
      subscription.held = createHeld(core);
      if (subscription.catchUp !== undefined) continue;
      core.parts.channels.fanOut.remove(subscription.channel, core.transport);
      core.parts.channels.fanOut.add(subscription.channel, subscription.held, core.writer.encoding);
    }
  }

  /** The identity has changed: recheck every subscription that was allowed under the previous one. */
  recheck(): void {
    for (const subscription of this.#byChannel.values()) {
      if (subscription.held === undefined && subscription.state === 'active') this.presence?.apply(subscription);
      if (subscription.held === undefined || subscription.asked !== undefined) continue;
      subscription.asked = this.#recheck(subscription);
    }
  }

  /** Restores a subscription of another process. It is not in the fan-out until `catchUp` completes. */
  restore(request: SubscribeRequest, catchUp: NonNullable<Subscription['catchUp']>): Subscription {
    const subscription = this.#add(request, ignore);
    subscription.ready.catch(ignore);
    subscription.refuse = ignore;
    subscription.ready = done;
    subscription.state = 'active';
    subscription.catchUp = catchUp;
    this.#standing += 1;
    return subscription;
  }

  /** Starts a catch-up of an active subscription from the requested position. */
  async bringUp(subscription: Subscription, asked: Asked): Promise<void> {
    await this.#catchUp(subscription, asked, ignore);
  }

  /** Ends all subscriptions when the socket closes. */
  close(wasOpen: boolean, end: MembershipEnd): void {
    for (const subscription of this.#byChannel.values()) {
      this.#end(subscription, lostError(`subscribe to "${subscription.channel}"`, closeCodes.hungUp), wasOpen, end);
    }
  }

  #add(request: SubscribeRequest, answer: Answer, isByServer = false): Subscription {
    const { epoch } = this.#core.identity;
    const wanted = this.#line.wantedOf(request);
    const subscription = createSubscription({ request, wanted, answer, isByServer, epoch });
    this.#byChannel.set(request.channel, subscription);
    return subscription;
  }

  #start(subscription: Subscription): void {
    const ended = subscription.ready;
    let joined: Promise<void>;
    if (this.#line.mustAsk && !subscription.isByServer) {
      const allowed = this.#untilAllowed(subscription);
      subscription.asked = allowed.then(
        () => undefined,
        () => undefined,
      );
      joined = allowed.then(() => this.#join(subscription));
    } else {
      joined = this.#join(subscription);
    }
    const run = joined.catch((error: unknown) => {
      this.#forget(subscription);
      throw error;
    });
    subscription.ready = Promise.race([run, ended]);
    subscription.ready.catch(() => undefined);
    if (subscription.asked !== undefined) {
      subscription.asked = Promise.race([subscription.asked, ended.catch(() => undefined)]);
    }
  }

  /** Takes an allowed subscription to the state `active`. */
  async #join(subscription: Subscription): Promise<void> {
    if (subscription.state === 'ended') return;
    const { parts, socket } = this.#core;
    const { channel } = subscription;
    this.#checkLimit();
    subscription.state = 'joining';
    subscription.asked = undefined;
    this.#standing += 1;
    this.presence?.apply(subscription);
    await parts.channels.feeds.acquire(channel);
    await this.presence?.prepare(subscription);
    const hasBegun = await this.#catchUp(subscription, subscription, () => {
      subscription.state = 'active';
      this.presence?.apply(subscription);
      subscription.ready = done;
      subscription.refuse = ignore;
    });
    if (hasBegun) socket.announce('subscribe', channel);
  }

  /**
   * Finds the publications that the subscription begins with, then in the same turn calls `begin`, answers the client
   * and sends them. Returns false if the subscription ended or restarted meanwhile.
   */
  async #catchUp(subscription: Subscription, asked: Asked, begin: () => void): Promise<boolean> {
    const { identity, parts } = this.#core;
    const feed = parts.channels.feeds.get(subscription.channel);
    if (feed === undefined || isEnded(subscription)) return false;
    const catchUp = new CatchUp(this.#core, subscription, feed, asked.wanted);
    subscription.catchUp = catchUp;
    for (;;) {
      // Active subscriptions are rechecked by `recheck`.
      while (subscription.state === 'joining' && subscription.epoch !== identity.epoch) {
        await this.#untilAllowed(subscription);
      }
      if (isEnded(subscription) || subscription.catchUp !== catchUp) return false;
      const beginning = catchUp.begin();
      if (!(beginning instanceof Promise)) {
        begin();
        catchUp.start(beginning, asked.answer);
        return true;
      }
      await beginning;
    }
  }

  #untilAllowed(subscription: Subscription): Promise<void> {
    return untilAllowed(this.#core, this.#line, subscription);
  }

  async #recheck(subscription: Subscription): Promise<void> {
    try {
      do await this.#untilAllowed(subscription);
      while (!isEnded(subscription) && subscription.epoch !== this.#core.identity.epoch);
      subscription.asked = undefined;
      if (!isEnded(subscription)) this.#release(subscription);
    } catch (error) {
      subscription.asked = undefined;
      const needsToken = this.#core.identity.token === undefined;
      this.#kickOut(subscription, (error as Error).message, needsToken);
    }
  }

  /**
   * Handles a repeated subscribe request. The line runs again, but a refusal is only a response and ends nothing. With
   * a position, the client is caught up from there.
   */
  #askAgainFor(
    existing: Subscription,
    request: SubscribeRequest,
    answer: Answer,
  ): Pick<Subscription, 'asked' | 'ready'> {
    const { isByServer } = existing;
    const { since, presence } = this.#line.wantedOf(request);
    // If the server subscribed the client, the client has no position yet.
    const isBehind = isByServer || since !== undefined;
    if (!this.#line.mustAsk && !isBehind && presence === undefined) return existing;
    const asked = this.#line.ask(request, isByServer).then(({ error, wanted }) => {
      if (error !== undefined) throw error.reason;
      return wanted;
    });
    const ready = asked.then(async (wanted) => {
      await this.presence?.want(existing, request, wanted.presence);
      if (isBehind) await this.#beginAgain(existing, { wanted, answer });
      else if (presence === undefined) await existing.ready;
      else answer(undefined);
    });
    ready.catch(() => undefined);
    return {
      asked: asked.then(
        () => undefined,
        () => undefined,
      ),
      ready,
    };
  }

  async #beginAgain(subscription: Subscription, asked: Asked): Promise<void> {
    const { parts, transport } = this.#core;
    const { channel, held, catchUp } = subscription;
    if (subscription.state === 'active') {
      catchUp?.stop();
      if (catchUp === undefined) parts.channels.fanOut.remove(channel, held ?? transport);
      if (await this.#catchUp(subscription, asked, ignore)) return;
    }
    throw new InvalidActionError(
      `The subscription to "${channel}" has ended, or began again, before it was brought up`,
    );
  }

  /** Reads a page of a channel's history for the client, if the line allows it. Throws the refusal. */
  async history(channel: string, query: HistoryQuery): Promise<HistoryAck> {
    const subscription = this.#byChannel.get(channel);
    if (subscription?.state !== 'active') {
      throw new InvalidActionError(`Reading the history of "${channel}" needs a subscription`);
    }
    const { error } = await this.#line.ask(subscription.request, subscription.isByServer, query);
    if (error !== undefined) throw error.reason;
    if (isEnded(subscription)) throw new InvalidActionError(`The client left "${channel}" before its history was read`);
    const { channels, options } = this.#core.parts;
    return channels.exchange.readPast(channel, query, options.maxRecoverBytes);
  }

  #release(subscription: Subscription): void {
    const { held, channel } = subscription;
    const { parts, transport, writer } = this.#core;
    if (held === undefined) return;
    subscription.held = undefined;
    parts.channels.fanOut.remove(channel, held);
    this.presence?.apply(subscription);
    held.release((frame, publications) => this.#core.writer.send(frame, publications));
    if (subscription.catchUp === undefined) parts.channels.fanOut.add(channel, transport, writer.encoding);
  }

  #kickOut(subscription: Subscription, message: string, waitForAuth: boolean): void {
    const { channel, state } = subscription;
    const reason = message === '' ? '' : `: ${message}`;
    if (
      !this.#end(subscription, new InvalidActionError(`Kicked out of "${channel}" before it was subscribed${reason}`))
    ) {
      return;
    }
    if (state !== 'active') return; // The response to the request reports the error.
    this.#core.writer.sendFrame({ type: 'kickOut', channel, message, ...(waitForAuth && { waitForAuth }) });
  }

  /** Returns false if the subscription has already ended. */
  #end(subscription: Subscription, error: Error, isAnnounced = true, end: MembershipEnd = 'left'): boolean {
    const { channel, state, held } = subscription;
    const { parts, transport, socket } = this.#core;
    if (!this.#forget(subscription, end)) return false;
    subscription.refuse(error);
    subscription.catchUp?.stop();
    subscription.catchUp = undefined;
    if (state !== 'active') return true;
    parts.channels.fanOut.remove(channel, held ?? transport);
    subscription.held = undefined;
    if (isAnnounced) socket.announce('unsubscribe', channel);
    return true;
  }

  #forget(subscription: Subscription, end: MembershipEnd = 'left'): boolean {
    const { channel, state } = subscription;
    if (state === 'ended') return false;
    subscription.state = 'ended';
    if (this.#byChannel.get(channel) === subscription) this.#byChannel.delete(channel);
    if (state === 'asking') return true;
    this.presence?.ended(channel, end);
    this.#standing -= 1;
    this.#core.parts.channels.feeds.release(channel);
    return true;
  }

  #isInQuestion({ request, isByServer }: Subscription): boolean {
    return (this.#line.mustAsk && !isByServer) || (request.waitForAuth && this.#core.identity.token === undefined);
  }

  #checkLimit(): void {
    const { parts, id } = this.#core;
    const limit = parts.options.socketChannelLimit;
    if (this.#standing < limit) return;
    parts.clientLog.reachedLimit(this.#core, 'channelsPerSocket');
    throw channelLimitError(id, limit);
  }
}

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
 * The subscriptions of one socket, from the client's request on. Each is allowed under one identity and is asked for
 * again under the next, so kick-outs and changes of token reach those that middleware still looks at.
 */
export class Subscriptions {
  readonly #core: SubscriptionsOwner;
  readonly #line: SubscribeLine;
  /** Only for clients with the feature `presence`. */
  readonly presence: SocketPresence | undefined;
  readonly #byChannel = new Map<string, Subscription>();
  /** Number of joining and active subscriptions. */
  #standing = 0;

  constructor(core: SubscriptionsOwner) {
    this.#core = core;
    this.#line = new SubscribeLine(core);
    const find = (channel: string): Subscription | undefined => this.#byChannel.get(channel);
    this.presence = core.knowsPresence ? new SocketPresence(core, this.#line, find) : undefined;
  }

  /** The channels that the client has asked for, whether the subscription stands or not. */
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

  /** Sends a publication that was made for this client alone, or keeps it while its subscription is in question. */
  deliver(channel: string, frame: ServerFrame, isVolatile: boolean): void {
    const subscription = this.#byChannel.get(channel);
    if (subscription?.state !== 'active') return;
    const core = this.#core;
    if (subscription.held !== undefined)
      subscription.held.send(core.writer.encode(frame), Number(frame.type === 'publication'));
    else if (isVolatile) core.writer.sendVolatile(frame);
    else core.writer.sendFrame(frame);
  }

  /** Subscribes the client, or asks the line `subscribe` once more when it is subscribed already. Throws a refusal. */
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

  /** The server subscribes the client, without asking the line `subscribe`, and tells it. Settles when the subscription stands. */
  async order(request: SubscribeRequest): Promise<void> {
    const { channel } = request;
    const { knowsPositions, writer } = this.#core;
    if (isInternalChannel(channel)) throw new InvalidActionError(`Clients cannot subscribe to "${channel}"`);
    const existing = this.#byChannel.get(channel);
    if (existing !== undefined) {
      existing.isByServer = true; // The client has asked for it, and learns from the answer.
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

  /** The client leaves a channel. */
  leave(channel: string): void {
    const subscription = this.#byChannel.get(channel);
    if (subscription === undefined) return;
    const { isByServer, state } = subscription;
    this.#end(subscription, new InvalidActionError(`The client left "${channel}" before it was subscribed`));
    // The client may not have known yet that the server subscribed it, and would believe that it still is.
    if (isByServer && state === 'active') this.#core.writer.sendFrame({ type: 'kickOut', channel, message: '' });
  }

  /** Ends or refuses the subscription to a channel, or to all, and tells the client, which does not subscribe again by itself. */
  kickOut(channel: string | undefined, message: string): void {
    for (const one of channel === undefined ? this.channels : [channel]) {
      const subscription = this.#byChannel.get(one);
      if (subscription !== undefined) this.#kickOut(subscription, message, false);
    }
  }

  /** Sends everything published under the present identity, before the client learns of another one. */
  settle(): void {
    for (const channel of this.active()) this.#core.parts.channels.fanOut.settle(channel);
  }

  /** The identity is changing: what needs to be asked for again delivers nothing until it is allowed. */
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

  /** The identity has changed: asks again for everything that was allowed under another one. */
  recheck(): void {
    for (const subscription of this.#byChannel.values()) {
      if (subscription.held === undefined && subscription.state === 'active') this.presence?.apply(subscription);
      if (subscription.held === undefined || subscription.asked !== undefined) continue;
      subscription.asked = this.#recheck(subscription);
    }
  }

  /** Takes over a subscription that stood in another process. It is in no fan-out yet: `catchUp` brings it there. */
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

  /** Brings a subscription that stands up from a position. */
  async bringUp(subscription: Subscription, asked: Asked): Promise<void> {
    await this.#catchUp(subscription, asked, ignore);
  }

  /** The socket is closed. */
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

  /** From allowed to active. */
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
   * Finds what the subscription begins with; in the same turn calls `begin`, answers the client and sends it. Returns
   * whether it came to that: it may have ended meanwhile, or been asked to begin again.
   */
  async #catchUp(subscription: Subscription, asked: Asked, begin: () => void): Promise<boolean> {
    const { identity, parts } = this.#core;
    const feed = parts.channels.feeds.get(subscription.channel);
    if (feed === undefined || isEnded(subscription)) return false;
    const catchUp = new CatchUp(this.#core, subscription, feed, asked.wanted);
    subscription.catchUp = catchUp;
    for (;;) {
      // One that stands is asked about by `recheck`.
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
   * A client that is subscribed asks again: the line hears of it; a refusal is an answer and ends nothing. With a position
   * it is brought up again from there.
   */
  #askAgainFor(
    existing: Subscription,
    request: SubscribeRequest,
    answer: Answer,
  ): Pick<Subscription, 'asked' | 'ready'> {
    const { isByServer } = existing;
    const { since, presence } = this.#line.wantedOf(request);
    // A client that did not know of the subscription needs the position as well.
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

  /** Reads a page of a channel's past for the client, if the line allows it. Throws a refusal. */
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
    if (state !== 'active') return; // The answer to its request tells.
    this.#core.writer.sendFrame({ type: 'kickOut', channel, message, ...(waitForAuth && { waitForAuth }) });
  }

  /** Says whether it stood. */
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

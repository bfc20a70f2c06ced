import {
  AuthError,
  AuthTokenExpiredError,
  InvalidActionError,
  ResourceLimitError,
  TimeoutError,
  closeCodes,
  type ServerFrame,
  type SubscribeRequest,
} from 'sc-protocol';
import { isInternalChannel } from '../channels/internal-channel.js';
import { HeldFrames } from './held-frames.js';
import { lostError } from './outbound-calls.js';
import type { FrameWriter } from './frame-writer.js';
import type { Identity } from './identity.js';
import type { SCSocket } from './sc-socket.js';
import type { ServerParts } from '../server/parts.js';
import type { LimitName } from '../limits/limit-hits.js';
import type { Subscriber } from '../websocket/subscriber.js';

/** `asking` until it is allowed, `joining` until the store delivers, then `active`; `ended` for good. */
type SubscriptionState = 'asking' | 'joining' | 'active' | 'ended';

/** The socket whose subscriptions these are. */
export interface SubscriptionsOwner {
  readonly id: string;
  readonly parts: ServerParts;
  readonly identity: Identity;
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  readonly transport: Subscriber;
  closeAtLimit(limit: LimitName, code: number): void;
}

/** One channel of one socket. */
export interface Subscription {
  readonly channel: string;
  /** The client's request, which is authorized again under every later identity. */
  readonly request: SubscribeRequest;
  state: SubscriptionState;
  /** The epoch of the identity under which it was allowed. */
  epoch: number;
  /** Settles once it is allowed, refused or ended; `undefined` when nobody has to be asked. Never rejects. */
  asked: Promise<void> | undefined;
  /** Settles when it is active, or rejects when it is refused or ended before that. */
  ready: Promise<void>;
  /** Ends `ready` before its time. */
  refuse: (error: Error) => void;
  /** Publications since the identity changed, while it is asked for again. */
  held: HeldFrames | undefined;
}

const done = Promise.resolve();
const ignore = (): void => undefined;
/** How often one request is asked anew because the identity changed while it was being asked. */
const maxRounds = 16;

/**
 * The subscriptions of one socket, from the client's request on. Each is allowed under one identity and is asked for
 * again under the next, so kick-outs and changes of token reach those that middleware still looks at.
 */
export class Subscriptions {
  readonly #core: SubscriptionsOwner;
  readonly #byChannel = new Map<string, Subscription>();
  /** Number of joining and active subscriptions. */
  #standing = 0;

  constructor(core: SubscriptionsOwner) {
    this.#core = core;
  }

  /** The channels of all subscriptions, under way ones included. */
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
    if (subscription.held !== undefined) subscription.held.send(core.writer.encode(frame));
    else if (isVolatile) core.writer.sendVolatile(frame);
    else core.writer.sendFrame(frame);
  }

  /** Subscribes the client, or asks the line `subscribe` once more when it is subscribed already. Throws a refusal. */
  request(request: SubscribeRequest): Pick<Subscription, 'asked' | 'ready'> {
    const { channel } = request;
    if (isInternalChannel(channel)) throw new InvalidActionError(`Clients cannot subscribe to "${channel}"`);
    const existing = this.#byChannel.get(channel);
    if (existing?.state === 'active') return this.#askAgainFor(existing, request);
    if (existing !== undefined) return existing;
    if (!this.#mustAsk()) this.#checkToken(request);
    const subscription = this.#add(request);
    this.#start(subscription);
    return subscription;
  }

  /** The client leaves a channel. */
  leave(channel: string): void {
    const subscription = this.#byChannel.get(channel);
    if (subscription === undefined) return;
    this.#end(subscription, new InvalidActionError(`The client left "${channel}" before it was subscribed`));
  }

  /**
   * Ends the subscription to a channel, or to all, and tells the client, which does not subscribe again by itself. One
   * that is under way is refused.
   */
  kickOut(channel: string | undefined, message: string): void {
    for (const one of channel === undefined ? this.channels : [channel]) {
      const subscription = this.#byChannel.get(one);
      if (subscription !== undefined) this.#kickOut(subscription, message, false);
    }
  }

  /** The identity is changing: what needs to be asked for again delivers nothing until it is allowed. */
  hold(): void {
    const core = this.#core;
    const { fanOut } = core.parts.channels;
    for (const subscription of this.#byChannel.values()) {
      if (subscription.state !== 'active' || subscription.held !== undefined) continue;
      if (!this.#isInQuestion(subscription)) continue;
      subscription.held = this.#createHeld();
      fanOut.remove(subscription.channel, core.transport);
      fanOut.add(subscription.channel, subscription.held, core.writer.encoding);
    }
  }

  /** The identity has changed: asks again for everything that was allowed under another one. */
  recheck(): void {
    for (const subscription of this.#byChannel.values()) {
      if (subscription.held === undefined || subscription.asked !== undefined) continue;
      subscription.asked = this.#recheck(subscription);
    }
  }

  /** The socket is closed. */
  close(wasOpen: boolean): void {
    for (const subscription of this.#byChannel.values()) {
      this.#end(subscription, lostError(`subscribe to "${subscription.channel}"`, closeCodes.hungUp), wasOpen);
    }
  }

  #add(request: SubscribeRequest): Subscription {
    const { channel } = request;
    let refuse: Subscription['refuse'] = ignore;
    const ready = new Promise<void>((_resolve, reject) => (refuse = reject));
    const subscription: Subscription = {
      channel,
      request,
      state: 'asking',
      epoch: this.#core.identity.epoch,
      asked: undefined,
      ready,
      refuse,
      held: undefined,
    };
    this.#byChannel.set(channel, subscription);
    return subscription;
  }

  #start(subscription: Subscription): void {
    const ended = subscription.ready;
    let joined: Promise<void>;
    if (this.#mustAsk()) {
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
    const { parts, identity, transport, writer, socket } = this.#core;
    const { feeds, fanOut } = parts.channels;
    const { channel } = subscription;
    this.#checkLimit();
    subscription.state = 'joining';
    subscription.asked = undefined;
    this.#standing += 1;
    await feeds.acquire(channel);
    while (!isEnded(subscription) && subscription.epoch !== identity.epoch) await this.#untilAllowed(subscription);
    if (isEnded(subscription)) return;
    subscription.state = 'active';
    subscription.ready = done;
    subscription.refuse = ignore;
    fanOut.add(channel, transport, writer.encoding);
    socket.announce('subscribe', channel);
  }

  /** Settles when the present identity is allowed to subscribe; rejects when it is refused. */
  async #untilAllowed(subscription: Subscription): Promise<void> {
    const { identity, parts } = this.#core;
    const { request, channel } = subscription;
    for (let round = 0; round < maxRounds; round++) {
      // A token that is being presented decides for itself; asked now, the answer would not last.
      if (identity.settling !== undefined) await identity.settling;
      if (isEnded(subscription)) return;
      identity.expireIfDue();
      const { epoch } = identity;
      const refusal = await this.#ask(request);
      // The token may have run out while the line was deciding.
      identity.expireIfDue();
      if (isEnded(subscription)) return;
      if (epoch !== identity.epoch || (refusal !== undefined && identity.settling !== undefined)) continue;
      if (refusal !== undefined) throw refusal.error;
      subscription.epoch = epoch;
      return;
    }
    parts.logger.warn(`The line "subscribe" was given up for "${channel}": each run changed the auth token`);
    throw new TimeoutError(`The auth token changed ${maxRounds} times while "${channel}" was being checked`);
  }

  async #ask(request: SubscribeRequest): Promise<{ error: unknown } | undefined> {
    const { parts, socket } = this.#core;
    const { channel, waitForAuth, data } = request;
    try {
      this.#checkToken(request);
      if (parts.middleware.has('subscribe')) {
        await parts.middleware.run({ line: 'subscribe', socket, channel, waitForAuth, data });
      }
      return undefined;
    } catch (error) {
      return { error };
    }
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

  /** A client that is subscribed asks again: the line hears of it; a refusal is an answer and ends nothing. */
  #askAgainFor(existing: Subscription, request: SubscribeRequest): Pick<Subscription, 'asked' | 'ready'> {
    if (!this.#mustAsk()) return existing;
    const ready = this.#ask(request).then((refusal) => {
      if (refusal !== undefined) throw refusal.error;
      return existing.ready;
    });
    ready.catch(() => undefined);
    return { asked: ready.catch(() => undefined), ready };
  }

  #release(subscription: Subscription): void {
    const { held, channel } = subscription;
    const { parts, transport, writer } = this.#core;
    const { fanOut } = parts.channels;
    if (held === undefined) return;
    subscription.held = undefined;
    fanOut.remove(channel, held);
    held.release((frame) => writer.send(frame));
    fanOut.add(channel, transport, writer.encoding);
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
  #end(subscription: Subscription, error: Error, isAnnounced = true): boolean {
    const { channel, state, held } = subscription;
    const { parts, transport, socket } = this.#core;
    const { fanOut } = parts.channels;
    if (!this.#forget(subscription)) return false;
    subscription.refuse(error);
    if (state !== 'active') return true;
    fanOut.remove(channel, held ?? transport);
    subscription.held = undefined;
    if (isAnnounced) socket.announce('unsubscribe', channel);
    return true;
  }

  #forget(subscription: Subscription): boolean {
    const { channel, state } = subscription;
    if (state === 'ended') return false;
    subscription.state = 'ended';
    if (this.#byChannel.get(channel) === subscription) this.#byChannel.delete(channel);
    if (state === 'asking') return true;
    this.#standing -= 1;
    const { feeds } = this.#core.parts.channels;
    feeds.release(channel);
    return true;
  }

  #isInQuestion({ request }: Subscription): boolean {
    return this.#mustAsk() || (request.waitForAuth && this.#core.identity.token === undefined);
  }

  #mustAsk(): boolean {
    return this.#core.parts.middleware.has('subscribe');
  }

  #checkToken({ channel, waitForAuth }: SubscribeRequest): void {
    const { identity } = this.#core;
    identity.expireIfDue();
    if (!waitForAuth || identity.token !== undefined) return;
    const message = `Subscribing to "${channel}" needs a valid auth token`;
    throw identity.hasExpired ? new AuthTokenExpiredError(message) : new AuthError(message);
  }

  #checkLimit(): void {
    const { parts, id } = this.#core;
    const { options, limits } = parts;
    const limit = options.socketChannelLimit;
    if (this.#standing < limit) return;
    limits.hits.hit('channelsPerSocket');
    throw new ResourceLimitError(`Socket ${id} tried to exceed the channel subscription limit of ${limit}`, {
      limit: 'socketChannelLimit',
    });
  }

  #createHeld(): HeldFrames {
    const core = this.#core;
    const { transport } = core.parts;
    return new HeldFrames(core, {
      maxBytes: transport.maxPendingBytes,
      maxVolatileBytes: transport.maxVolatilePendingBytes,
      onOverflow: () => core.closeAtLimit('pendingBytes', closeCodes.slowConsumer),
      onVolatileDropped: (frames) => transport.onVolatileDropped(frames),
    });
  }
}

/** The state changes while something is awaited, which the compiler does not see. */
function isEnded(subscription: Subscription): boolean {
  return subscription.state === 'ended';
}

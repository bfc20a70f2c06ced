import { closeCodes, type GapReason, type Position, type PublicationPosition, type ServerFrame } from 'sc-protocol';
import { decodePayload } from '../channels/payload.js';
import type { Logger } from '../log/logger.js';
import type { FanOut } from '../channels/fan-out.js';
import type { PastPublication } from '../channels/feed-ring.js';
import type { Feeds } from '../channels/feeds.js';
import type { PublishOutLine, SinglePublication } from '../channels/publish-out-line.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { PublishOutContext } from './middleware-contexts.js';
import { SocketCore } from './socket-core.js';
import type { Subscriber } from '../websocket/subscriber.js';

export interface PublishOutOptions {
  readonly middleware: MiddlewareLines;
  readonly fanOut: FanOut;
  readonly feeds: Pick<Feeds, 'get'>;
  readonly logger: Logger;
  /** Maximum publications queued for one socket's middleware before the socket is closed as a slow consumer. */
  readonly maxWaiting: number;
}

interface Tail {
  last: Promise<void>;
  waiting: number;
}

/**
 * Delivers publications to local subscribers: directly through the fan-out, or, if the line `publishOut` has
 * middleware, to each subscriber for which the line allows it.
 */
export class PublishOut implements PublishOutLine {
  readonly #middleware: MiddlewareLines;
  readonly #fanOut: FanOut;
  readonly #logger: Logger;
  readonly #maxWaiting: number;
  readonly #feeds: Pick<Feeds, 'get'>;
  /** Pending deliveries of all sockets. */
  #waiting = 0;
  /** The last filtered delivery of each socket, which keeps its publications in order. */
  readonly #tails = new WeakMap<object, Tail>();

  constructor({ middleware, fanOut, feeds, logger, maxWaiting }: PublishOutOptions) {
    this.#middleware = middleware;
    this.#fanOut = fanOut;
    this.#logger = logger;
    this.#maxWaiting = maxWaiting;
    this.#feeds = feeds;
  }

  /** Hot path. */
  deliver(
    channel: string,
    payload: Uint8Array,
    isVolatile: boolean,
    position?: PublicationPosition,
    except?: string,
  ): void {
    // `isNeeded` stays true until publications queued before the last middleware was removed are sent.
    if (!this.isNeeded) {
      const excepted = except === undefined ? undefined : this.#subscriberById(channel, except);
      this.#fanOut.deliver(channel, payload, isVolatile, position, excepted);
      return;
    }
    // Flush publications from before the first middleware was added.
    this.#fanOut.settle(channel);
    const epoch = position === undefined ? '' : this.#epochOf(channel);
    for (const { owner } of this.#fanOut.subscribers(channel) ?? []) {
      if (owner instanceof SocketCore && owner.id !== except)
        this.#queue(owner, { channel, payload, isVolatile, position, epoch });
    }
  }

  #subscriberById(channel: string, id: string): Subscriber | undefined {
    for (const subscriber of this.#fanOut.subscribers(channel) ?? []) {
      if (subscriber.owner instanceof SocketCore && subscriber.owner.id === id) return subscriber;
    }
    return undefined;
  }

  get isNeeded(): boolean {
    return this.#waiting > 0 || this.#middleware.has('publishOut');
  }

  /** Delivers a publication to one socket, after its pending deliveries. */
  deliverTo(core: object, publication: SinglePublication): void {
    if (core instanceof SocketCore) this.#queue(core, publication);
  }

  waitingFor(core: object): number {
    return this.#tails.get(core)?.waiting ?? 0;
  }

  async deliverPast(core: object, channel: string, past: readonly PastPublication[]): Promise<void> {
    if (!(core instanceof SocketCore)) return;
    const subscription = core.subscriptions?.get(channel);
    if (subscription === undefined) return;
    const epoch = this.#epochOf(channel);
    for (const { payload, position } of past) {
      const publication = { channel, payload, isVolatile: false, position, epoch };
      this.#inTurn(this.#tailOf(core), () => this.#deliverTo(core, subscription, publication));
    }
    await this.#tailOf(core).last;
  }

  afterPending(core: object, action: () => void): void {
    const tail = this.#tails.get(core);
    if (tail === undefined || tail.waiting === 0) action();
    else this.#inTurn(tail, action);
  }

  moved(channel: string, { epoch, offset }: Position, reason: GapReason | undefined): void {
    this.#fanOut.settle(channel);
    const frame: ServerFrame = { type: 'position', channel, epoch, offset, ...(reason !== undefined && { reason }) };
    for (const { owner } of this.#fanOut.subscribers(channel) ?? []) {
      if (!(owner instanceof SocketCore) || !owner.knowsPositions) continue;
      const subscription = owner.subscriptions?.get(channel);
      this.afterPending(owner, () => {
        if (subscription !== undefined && hasSubscription(owner, channel, subscription)) {
          owner.subscriptions?.deliver(channel, frame, false);
        }
      });
    }
  }

  #epochOf(channel: string): string {
    return this.#feeds.get(channel)?.position?.epoch ?? '';
  }

  #tailOf(core: SocketCore): Tail {
    let tail = this.#tails.get(core);
    if (tail === undefined) {
      tail = { last: Promise.resolve(), waiting: 0 };
      this.#tails.set(core, tail);
    }
    return tail;
  }

  #inTurn(tail: Tail, action: () => void | Promise<void>): void {
    tail.waiting += 1;
    this.#waiting += 1;
    tail.last = tail.last.then(async () => {
      await action();
      tail.waiting -= 1;
      this.#waiting -= 1;
    });
  }

  #queue(core: SocketCore, publication: SinglePublication): void {
    const { channel, isVolatile } = publication;
    const subscription = core.subscriptions?.get(channel);
    if (subscription === undefined) return;
    const tail = this.#tailOf(core);
    if (tail.waiting >= this.#maxWaiting) {
      if (isVolatile) {
        core.parts.clientLog.reachedLimit(core, 'volatilePendingBytes');
        return;
      }
      process.nextTick(() => core.closeAtLimit('publishOutQueue', closeCodes.slowConsumer));
      return;
    }
    this.#inTurn(tail, () => this.#deliverTo(core, subscription, publication));
  }

  /** Never rejects. Delivers only to the same subscription: the client may have left and resubscribed meanwhile. */
  async #deliverTo(core: SocketCore, subscription: object, publication: SinglePublication): Promise<void> {
    const { channel, payload, isVolatile, position } = publication;
    if (!hasSubscription(core, channel, subscription)) return;
    try {
      // Decode for each subscriber, because middleware may change the data in place.
      const data = decodePayload(payload);
      const context: PublishOutContext = { line: 'publishOut', socket: core.socket, channel, data };
      try {
        await this.#middleware.run(context);
      } catch {
        // Refused for this subscriber; the line has logged unexpected errors.
        if (hasSubscription(core, channel, subscription)) this.#pass(core, publication);
        return;
      }
      if (!hasSubscription(core, channel, subscription)) return;
      const frame: ServerFrame = { type: 'publication', channel, data: context.data, ...position };
      core.subscriptions?.deliver(channel, frame, isVolatile);
    } catch (error) {
      this.#logger.error('The publication cannot be encoded after the middleware line "publishOut"', { error });
    }
  }

  /** Advances the client's position past a withheld publication; otherwise the client would detect a gap. */
  #pass(core: SocketCore, { channel, position, epoch }: SinglePublication): void {
    if (!core.knowsPositions || position?.offset === undefined) return;
    const frame: ServerFrame = { type: 'position', channel, epoch, offset: position.offset };
    core.subscriptions?.deliver(channel, frame, false);
  }
}

function hasSubscription(core: SocketCore, channel: string, subscription: object): boolean {
  return core.subscriptions?.get(channel) === subscription;
}

import { closeCodes, type ServerFrame } from 'sc-protocol';
import { decodePayload } from '../channels/payload.js';
import type { Logger } from '../log/logger.js';
import type { FanOut } from '../channels/fan-out.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { PublishOutContext } from './middleware-contexts.js';
import { SocketCore } from './socket-core.js';

interface Publication {
  readonly channel: string;
  readonly payload: Uint8Array;
  readonly isVolatile: boolean;
}

interface Tail {
  last: Promise<void>;
  waiting: number;
}

/**
 * Delivers publications to local subscribers: straight to fan-out, or, once the line `publishOut` has middleware, to
 * each subscriber after the line allowed it for that one.
 */
export class PublishOut {
  readonly #middleware: MiddlewareLines;
  readonly #fanOut: FanOut;
  readonly #logger: Logger;
  readonly #maxWaiting: number;
  /** Deliveries of all sockets that have not ended. */
  #waiting = 0;
  /** The last filtered delivery of each socket, so that each gets its publications in order. */
  readonly #tails = new WeakMap<SocketCore, Tail>();

  /** `maxWaiting` publications may wait for one socket's middleware before it is given up as a slow consumer. */
  constructor(middleware: MiddlewareLines, fanOut: FanOut, logger: Logger, maxWaiting: number) {
    this.#middleware = middleware;
    this.#fanOut = fanOut;
    this.#logger = logger;
    this.#maxWaiting = maxWaiting;
  }

  /** Hot path. */
  deliver(channel: string, payload: Uint8Array, isVolatile: boolean): void {
    // Publications still queued when the line loses its last function are sent first.
    if (this.#waiting === 0 && !this.#middleware.has('publishOut')) {
      this.#fanOut.deliver(channel, payload, isVolatile);
      return;
    }
    // Publications from before the line got its first function are sent first.
    this.#fanOut.settle(channel);
    for (const { owner } of this.#fanOut.subscribers(channel) ?? []) {
      if (owner instanceof SocketCore) this.#queue(owner, { channel, payload, isVolatile });
    }
  }

  #queue(core: SocketCore, publication: Publication): void {
    const { channel, isVolatile } = publication;
    const subscription = core.subscriptions?.get(channel);
    if (subscription === undefined) return;
    let tail = this.#tails.get(core);
    if (tail === undefined) {
      tail = { last: Promise.resolve(), waiting: 0 };
      this.#tails.set(core, tail);
    }
    if (tail.waiting >= this.#maxWaiting) {
      if (isVolatile) {
        core.parts.limits.hits.hit('volatilePendingBytes');
        return;
      }
      process.nextTick(() => core.closeAtLimit('publishOutQueue', closeCodes.slowConsumer));
      return;
    }
    const own = tail;
    own.waiting += 1;
    this.#waiting += 1;
    own.last = own.last.then(async () => {
      await this.#deliverTo(core, subscription, publication);
      own.waiting -= 1;
      this.#waiting -= 1;
    });
  }

  /** Never rejects. The subscription must be the one for which it came: a client may have left and come back. */
  async #deliverTo(core: SocketCore, subscription: object, publication: Publication): Promise<void> {
    const { channel, payload, isVolatile } = publication;
    if (!hasSubscription(core, channel, subscription)) return;
    try {
      // Decoded for each: what the line changes in place is for this subscriber only.
      const data = decodePayload(payload);
      const context: PublishOutContext = { line: 'publishOut', socket: core.socket, channel, data };
      try {
        await this.#middleware.run(context);
      } catch {
        return; // Refused for this subscriber; the line has logged it when it was an accident.
      }
      if (!hasSubscription(core, channel, subscription)) return;
      const frame: ServerFrame = { type: 'publication', channel, data: context.data };
      core.subscriptions?.deliver(channel, frame, isVolatile);
    } catch (error) {
      this.#logger.error('The publication cannot be encoded after the middleware line "publishOut"', { error });
    }
  }
}

function hasSubscription(core: SocketCore, channel: string, subscription: object): boolean {
  return core.subscriptions?.get(channel) === subscription;
}

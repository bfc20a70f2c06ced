import { closeCodes, type ServerFrame } from 'sc-protocol';
import { decodePayload } from '../channels/payload.js';
import type { Logger } from '../log/logger.js';
import type { FanOut } from '../channels/fan-out.js';
import type { MiddlewareLines } from '../middleware/run.js';
import type { PublishOutContext } from './middleware-contexts.js';
import { SocketCore } from './socket-core.js';

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
    if (!this.#middleware.has('publishOut')) {
      this.#fanOut.deliver(channel, payload, isVolatile);
      return;
    }
    const data = decodePayload(payload);
    for (const { owner } of this.#fanOut.subscribers(channel) ?? []) {
      if (owner instanceof SocketCore) this.#queue(owner, channel, data, isVolatile);
    }
  }

  #queue(core: SocketCore, channel: string, data: unknown, isVolatile: boolean): void {
    let tail = this.#tails.get(core);
    if (tail === undefined) {
      tail = { last: Promise.resolve(), waiting: 0 };
      this.#tails.set(core, tail);
    }
    if (tail.waiting >= this.#maxWaiting) {
      if (isVolatile) {
        core.host.limitHits.hit('volatilePendingBytes');
        return;
      }
      process.nextTick(() => core.closeAtLimit('publishOutQueue', closeCodes.slowConsumer));
      return;
    }
    const own = tail;
    own.waiting += 1;
    own.last = own.last.then(async () => {
      await this.#deliverTo(core, channel, data, isVolatile);
      own.waiting -= 1;
    });
  }

  /** Never rejects. */
  async #deliverTo(core: SocketCore, channel: string, data: unknown, isVolatile: boolean): Promise<void> {
    if (core.state === 'closed') return;
    const context: PublishOutContext = { line: 'publishOut', socket: core.socket, channel, data };
    try {
      await this.#middleware.run(context);
    } catch {
      return; // Refused for this subscriber; the line has logged it when it was an accident.
    }
    if (core.subscriptions?.get(channel)?.isActive !== true) return;
    try {
      const frame: ServerFrame = { type: 'publication', channel, data: context.data };
      if (isVolatile) core.sendVolatile(frame);
      else core.sendFrame(frame);
    } catch (error) {
      this.#logger.error('What the middleware line "publishOut" made of a publication cannot be encoded', { error });
    }
  }
}

import { decodePayload } from './encoding.js';
import type { FanOut } from './fan-out.js';
import type { MiddlewareLines } from './middleware.js';
import { SocketCore } from './socket-core.js';

/**
 * Delivers publications to local subscribers: straight to fan-out, or, once the line `publishOut` has middleware, to
 * each subscriber after the line allowed it for that one.
 */
export class PublishOut {
  readonly #middleware: MiddlewareLines;
  readonly #fanOut: FanOut;
  /** The last filtered delivery of each socket, so that each gets its publications in order. */
  readonly #tails = new WeakMap<SocketCore, Promise<void>>();

  constructor(middleware: MiddlewareLines, fanOut: FanOut) {
    this.#middleware = middleware;
    this.#fanOut = fanOut;
  }

  /** Hot path. */
  deliver(channel: string, payload: Uint8Array): void {
    if (!this.#middleware.has('publishOut')) {
      this.#fanOut.deliver(channel, payload);
      return;
    }
    const data = decodePayload(payload);
    for (const subscriber of this.#fanOut.subscribers(channel) ?? []) {
      if (!(subscriber instanceof SocketCore)) continue;
      const tail = (this.#tails.get(subscriber) ?? Promise.resolve()).then(() =>
        this.#deliverTo(subscriber, channel, data),
      );
      this.#tails.set(subscriber, tail);
    }
  }

  async #deliverTo(core: SocketCore, channel: string, data: unknown): Promise<void> {
    const context = { line: 'publishOut' as const, socket: core.socket, channel, data };
    try {
      await this.#middleware.run(context);
    } catch {
      return; // Refused for this subscriber; the line has logged it when it was an accident.
    }
    if (core.subscriptions.get(channel)?.isActive) core.sendFrame({ type: 'publication', channel, data: context.data });
  }
}

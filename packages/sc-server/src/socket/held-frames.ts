import type { Subscriber } from '../websocket/subscriber.js';
import { outgoingBytes, type Outgoing } from '../websocket/outgoing.js';

/** Limits for the frames buffered for one subscription. */
export interface HeldLimits {
  readonly maxBytes: number;
  readonly maxVolatileBytes: number;
  /** Called once, when the buffer exceeds `maxBytes`. */
  onOverflow(): void;
  onVolatileDropped(frames: number): void;
}

/**
 * Replaces a socket in the fan-out of one channel while its subscription is rechecked. Buffered publications are sent
 * if it is allowed and dropped if it is refused, so a token change loses nothing for an allowed subscriber and leaks
 * nothing to a refused one.
 */
export class HeldFrames implements Subscriber {
  readonly owner: object;
  readonly #limits: HeldLimits;
  #frames: Outgoing[] = [];
  /** Number of publications in each frame. */
  #publications: number[] = [];
  #bytes = 0;
  #hasOverflowed = false;

  constructor(owner: object, limits: HeldLimits) {
    this.owner = owner;
    this.#limits = limits;
  }

  send(frame: Outgoing, publications: number): void {
    if (this.#hasOverflowed) return;
    this.#bytes += outgoingBytes(frame);
    if (this.#frames.length === 0 || this.#bytes <= this.#limits.maxBytes) {
      this.#frames.push(frame);
      this.#publications.push(publications);
      return;
    }
    this.#hasOverflowed = true;
    this.#frames = [];
    // Deferred, because a fan-out is in progress.
    process.nextTick(() => this.#limits.onOverflow());
  }

  sendNow(frame: Outgoing, publications: number): void {
    this.send(frame, publications);
  }

  takesVolatile(bytes: number, frames: number): boolean {
    if (this.#bytes + bytes <= this.#limits.maxVolatileBytes) return true;
    this.#limits.onVolatileDropped(frames);
    return false;
  }

  /** Sends all buffered frames in order. */
  release(send: (frame: Outgoing, publications: number) => void): void {
    for (const [index, frame] of this.#frames.entries()) send(frame, this.#publications[index] ?? 0);
    this.#frames = [];
    this.#publications = [];
  }
}

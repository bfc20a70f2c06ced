import type { Subscriber } from '../websocket/subscriber.js';
import { outgoingBytes, type Outgoing } from '../websocket/outgoing.js';

/** Limits of the frames that one subscription may hold back. */
export interface HeldLimits {
  readonly maxBytes: number;
  readonly maxVolatileBytes: number;
  /** More frames wait than the client may keep waiting. Called once. */
  onOverflow(): void;
  onVolatileDropped(frames: number): void;
}

/**
 * Takes the place of a socket in the fan-out of one channel while its subscription is being checked again. The
 * publications leave when it is allowed and are dropped when it is refused, so a change of token costs an allowed
 * subscriber nothing and shows a refused one nothing.
 */
export class HeldFrames implements Subscriber {
  readonly owner: object;
  readonly #limits: HeldLimits;
  #frames: Outgoing[] = [];
  /** How many publications each of them is. */
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
    // Later, because a fan-out to many is under way.
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

  /** Sends everything on, in order. */
  release(send: (frame: Outgoing, publications: number) => void): void {
    for (const [index, frame] of this.#frames.entries()) send(frame, this.#publications[index] ?? 0);
    this.#frames = [];
    this.#publications = [];
  }
}

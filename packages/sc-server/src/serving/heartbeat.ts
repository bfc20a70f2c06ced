/** What the heartbeat needs of a socket. */
export interface Beating {
  /** Whether anything came from the client since the last beat; reading clears it. */
  takeHeard(): boolean;
  ping(): void;
  onSilent(): void;
}

interface Slot {
  /** Silent time so far, in milliseconds, for each socket of the slot. */
  readonly sockets: Map<Beating, number>;
}

const slotCount = 16;

/**
 * Pings every socket once per interval and gives up those that stay silent. One timer for all: the sockets are spread
 * over slots, and each tick visits one slot.
 */
export class Heartbeat {
  readonly #slots: Slot[] = Array.from({ length: slotCount }, () => ({ sockets: new Map<Beating, number>() }));
  readonly #slotOf = new Map<Beating, Slot>();
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #current = 0;

  constructor(intervalMs: number, timeoutMs: number) {
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
  }

  add(socket: Beating): void {
    // The slot that was visited last comes round again a whole interval from now.
    const slot = this.#slots[(this.#current + slotCount - 1) % slotCount];
    if (slot === undefined) return;
    slot.sockets.set(socket, 0);
    this.#slotOf.set(socket, slot);
    this.#timer ??= setInterval(() => this.#tick(), Math.max(1, this.#intervalMs / slotCount)).unref();
  }

  remove(socket: Beating): void {
    this.#slotOf.get(socket)?.sockets.delete(socket);
    this.#slotOf.delete(socket);
    if (this.#slotOf.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const slot = this.#slots[this.#current];
    this.#current = (this.#current + 1) % slotCount;
    if (slot === undefined) return;
    for (const [socket, silentMs] of slot.sockets) {
      const silent = socket.takeHeard() ? 0 : silentMs + this.#intervalMs;
      slot.sockets.set(socket, silent);
      if (silent >= this.#timeoutMs) socket.onSilent();
      else socket.ping();
    }
  }
}

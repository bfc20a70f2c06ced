/** The part of a socket that the heartbeat uses. */
export interface Beating {
  /** The heartbeat's `tick` when data last arrived from the client. Set by the socket. */
  readonly lastHeard: number;
  /** Whether the server has paused reading. Silence is then not a sign of a dead client. */
  readonly isReadingPaused: boolean;
  /** The slot of the socket. Managed by the heartbeat. */
  beatSlot: number | undefined;
  ping(): void;
  onSilent(): void;
}

const slotCount = 16;

/**
 * Pings every socket once per interval and closes sockets that stay silent past the timeout. All sockets share one
 * timer: they are spread over slots, and each tick visits one slot. A socket whose deadline falls before its next visit
 * is scheduled for an extra check at that deadline.
 */
export class Heartbeat {
  readonly #slots: Set<Beating>[] = Array.from({ length: slotCount }, () => new Set<Beating>());
  /** Sockets to check again, by tick. */
  readonly #suspects = new Map<number, Set<Beating>>();
  readonly #tickMs: number;
  readonly #timeoutTicks: number;
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;
  #count = 0;

  constructor(intervalMs: number, timeoutMs: number) {
    this.#tickMs = Math.max(1, intervalMs / slotCount);
    this.#timeoutTicks = Math.ceil(timeoutMs / this.#tickMs);
  }

  /** Counts up, slotCount times per interval. */
  get tick(): number {
    return this.#tick;
  }

  /** Ticks until the socket is pinged next. */
  dueIn({ beatSlot = this.#tick }: Beating): number {
    return (beatSlot - (this.#tick % slotCount) + slotCount) % slotCount || slotCount;
  }

  /** Adds a socket. `dueIn` is the number of ticks until the first ping; by default one whole interval. */
  add(socket: Beating, dueIn = slotCount): void {
    socket.beatSlot = (this.#tick + dueIn) % slotCount;
    this.#slots[socket.beatSlot]?.add(socket);
    this.#count += 1;
    this.#timer ??= setInterval(() => this.#beat(), this.#tickMs).unref();
  }

  remove(socket: Beating): void {
    if (socket.beatSlot === undefined) return;
    this.#slots[socket.beatSlot]?.delete(socket);
    socket.beatSlot = undefined;
    this.#count -= 1;
    if (this.#count === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#suspects.clear();
  }

  #beat(): void {
    const now = ++this.#tick;
    for (const socket of this.#suspects.get(now) ?? []) {
      if (socket.beatSlot !== undefined && this.#deadlineOf(socket) <= now) socket.onSilent();
    }
    this.#suspects.delete(now);
    for (const socket of this.#slots[now % slotCount] ?? []) {
      const deadline = this.#deadlineOf(socket);
      if (deadline <= now) {
        socket.onSilent();
        continue;
      }
      if (deadline < now + slotCount) this.#suspect(socket, deadline);
      socket.ping();
    }
  }

  #deadlineOf(socket: Beating): number {
    return socket.isReadingPaused ? Infinity : socket.lastHeard + this.#timeoutTicks;
  }

  #suspect(socket: Beating, tick: number): void {
    const suspects = this.#suspects.get(tick);
    if (suspects === undefined) this.#suspects.set(tick, new Set([socket]));
    else suspects.add(socket);
  }
}

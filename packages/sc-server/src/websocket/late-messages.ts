/** A reader of an incomplete message. */
export interface Unfinished {
  /** The tick in which the message began; `undefined` without an incomplete message. */
  messageSince: number | undefined;
  /** Whether the server has paused reading. The client then cannot complete the message. */
  readonly isPaused: boolean;
  /** Called when the message exceeds the timeout. */
  onLate(): void;
}

const ticksPerTimeout = 8;

/**
 * Ends connections of clients that do not complete their messages. All readers share one timer, which runs only while a
 * message is incomplete; a message that arrives complete costs nothing. Time is counted in ticks, so a stall of this
 * process does not time out its clients.
 */
export class UnfinishedMessages {
  readonly #tickMs: number;
  readonly #members = new Set<Unfinished>();
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#tickMs = Math.max(1, timeoutMs / ticksPerTimeout);
  }

  /** Starts the timeout of a message, or restarts it for a reader that is already registered. */
  begin(member: Unfinished): void {
    member.messageSince = this.#tick;
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#check(), this.#tickMs).unref();
  }

  /** Removes a reader that has ended. Readers of complete messages are removed automatically. */
  forget(member: Unfinished): void {
    member.messageSince = undefined;
    this.#members.delete(member);
    if (this.#members.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = ++this.#tick;
    for (const member of this.#members) {
      const since = member.messageSince;
      if (since === undefined) this.#members.delete(member);
      else if (member.isPaused) member.messageSince = now;
      // `>`: the first tick may follow the beginning of the message by less than one interval.
      else if (now - since > ticksPerTimeout) member.onLate();
    }
    if (this.#members.size === 0) this.stop();
  }
}

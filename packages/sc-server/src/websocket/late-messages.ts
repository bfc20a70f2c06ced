/** A reader of an incomplete message. */
export interface Unfinished {
  /** The watch's `tick` in which the message began; `undefined` when none is under way. */
  messageSince: number | undefined;
  /** Whether the server itself does not read at the moment: then the message is not the client's to finish. */
  readonly isPaused: boolean;
  /** The message took too long. */
  onLate(): void;
}

const ticksPerTimeout = 8;

/**
 * Gives up clients whose messages do not end. One timer for all, and only while a message is under way; a message that
 * comes whole costs nothing. Time is counted in ticks, so a process that stood still does not blame its clients.
 */
export class UnfinishedMessages {
  readonly #tickMs: number;
  readonly #members = new Set<Unfinished>();
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#tickMs = Math.max(1, timeoutMs / ticksPerTimeout);
  }

  /** A message has begun. Adding a member again does nothing but begin anew. */
  begin(member: Unfinished): void {
    member.messageSince = this.#tick;
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#check(), this.#tickMs).unref();
  }

  /** The reader has ended. A message that is complete is forgotten automatically. */
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
      // The first tick came sooner than a whole one after the message began.
      else if (now - since > ticksPerTimeout) member.onLate();
    }
    if (this.#members.size === 0) this.stop();
  }
}

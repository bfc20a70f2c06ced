/** A holder of bytes that have not left this process. */
export interface Backlogged {
  readonly pendingBytes: number;
  /** Called at every check while bytes are pending. */
  onBacklogCheck?(): void;
  /** Drops the pending bytes and closes the client. */
  dropAsSlowest(): void;
}

/** Milliseconds between checks. */
export const backlogCheckMs = 50;

/**
 * Limits the total of bytes pending for the slow clients of this process. Above the limit, the slowest clients are
 * dropped until the total fits. Tracks only clients that did not accept a write at once, until they have caught up.
 */
export class Backlog {
  readonly #maxBytes: number;
  readonly #members = new Set<Backlogged>();
  #timer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Hot path. Adding a member again has no effect. */
  add(member: Backlogged): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#check(), backlogCheckMs).unref();
  }

  remove(member: Backlogged): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    let total = 0;
    for (const member of this.#members) {
      const bytes = member.pendingBytes;
      if (bytes === 0) this.#members.delete(member);
      else member.onBacklogCheck?.();
      total += bytes;
    }
    if (total > this.#maxBytes) this.#drop(total - this.#maxBytes);
    if (this.#members.size === 0) this.stop();
  }

  #drop(excess: number): void {
    const slowest = [...this.#members].map((member) => ({ member, bytes: member.pendingBytes }));
    slowest.sort((one, other) => other.bytes - one.bytes);
    for (const { member, bytes } of slowest) {
      if (excess <= 0) return;
      excess -= bytes;
      this.#members.delete(member);
      member.dropAsSlowest();
    }
  }
}

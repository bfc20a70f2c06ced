/** Something that holds bytes which have not left this process. */
export interface Backlogged {
  readonly pendingBytes: number;
  /** Is called at every look while bytes wait. */
  onBacklogCheck?(): void;
  /** Gives the bytes up, and the client with them. */
  dropAsSlowest(): void;
}

/** How often is looked. */
export const backlogCheckMs = 50;

/**
 * Watches what waits for all slow clients of this process together. When it passes the cap, the slowest are given up
 * until it does not. Only clients that did not take a write at once are known here, and only until they have caught up.
 */
export class Backlog {
  readonly #maxBytes: number;
  readonly #members = new Set<Backlogged>();
  #timer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Hot path: adding a member again does nothing. */
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

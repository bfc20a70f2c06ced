/** The part of a socket's authentication that is used here. */
export interface Expiring {
  /** Expiry, in seconds since 1970. */
  readonly expiry: number | undefined;
  expireIfDue(): void;
}

const checkEveryMs = 250;

/** Expires tokens on time, even if their sockets are idle. One timer for all. */
export class TokenExpiry {
  /** Tokens by the second of their expiry. */
  readonly #seconds = new Map<number, Set<Expiring>>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #checkedUntil = 0;

  /** `now` is in milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  watch(expiring: Expiring): void {
    const second = secondOf(expiring);
    if (second === undefined) return;
    const due = this.#seconds.get(second);
    if (due === undefined) this.#seconds.set(second, new Set([expiring]));
    else due.add(expiring);
    if (this.#timer !== undefined) return;
    this.#checkedUntil = Math.floor(this.#now() / 1000) - 1;
    this.#timer = setInterval(() => this.#check(), checkEveryMs).unref();
  }

  forget(expiring: Expiring): void {
    const second = secondOf(expiring);
    if (second === undefined) return;
    const due = this.#seconds.get(second);
    due?.delete(expiring);
    if (due?.size === 0) this.#seconds.delete(second);
    if (this.#seconds.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = Math.floor(this.#now() / 1000);
    // Bounds the loop after a jump of the clock.
    const isFar = now < this.#checkedUntil || now - this.#checkedUntil > 60;
    const seconds = isFar ? [...this.#seconds.keys()] : [this.#checkedUntil, ...range(this.#checkedUntil + 1, now)];
    this.#checkedUntil = now;
    for (const second of seconds) {
      for (const expiring of this.#seconds.get(second) ?? []) if (second <= now) expiring.expireIfDue();
    }
  }
}

function secondOf({ expiry }: Expiring): number | undefined {
  return expiry === undefined ? undefined : Math.ceil(expiry);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

import type { Caller } from './caller.js';

/** Milliseconds in which a client of before is to connect; the delay between its attempts is half a second at most. */
const connectMs = 1000;
/** Milliseconds in which those that have connected are to be subscribed again; what waits in clients must not time out for it. */
const renewMs = 3000;

/**
 * Clients that return to a restarted store. A publication that waited in one of them must not be published before the others
 * are subscribed again: they would miss it. So each client asks, after its subscriptions, whether the others are there, and
 * gets its answer when they are, or a short time is over.
 */
export class ReturningCallers {
  readonly #connected = new Set<Caller>();
  readonly #renewed = new Set<Caller>();
  /** How many clients there were before; 0 when all are back, or are waited for no more. */
  #expected = 0;
  #isLate = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** Clients can connect from now on, and so many are expected. */
  begin(expected: number): void {
    this.#expected = expected;
    if (expected === 0) return;
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#timer = setTimeout(() => this.#settle(), renewMs - connectMs);
      this.#check();
    }, connectMs);
  }

  connected(caller: Caller): void {
    if (this.#expected > 0) this.#connected.add(caller);
  }

  left(caller: Caller): void {
    if (this.#expected === 0) return;
    this.#connected.delete(caller);
    this.#renewed.delete(caller);
    this.#check();
  }

  /** The caller is subscribed again. Resolves when the others are, too; returns nothing when they are already. */
  renewed(caller: Caller): Promise<undefined> | undefined {
    if (this.#expected === 0) return undefined;
    this.#renewed.add(caller);
    const answered = new Promise<undefined>((resolve) => this.#waiting.push(() => resolve(undefined)));
    this.#check();
    return answered;
  }

  close(): void {
    this.#settle();
  }

  #check(): void {
    const isAll = this.#renewed.size >= this.#expected;
    if (isAll || (this.#isLate && this.#renewed.size === this.#connected.size)) this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#expected = 0;
    this.#connected.clear();
    this.#renewed.clear();
    for (const answer of this.#waiting.splice(0)) answer();
  }
}

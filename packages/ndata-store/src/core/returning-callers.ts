import type { Caller } from './caller.js';

/** Milliseconds after the start to wait for clients to reconnect. Their reconnect delay is at most half a second. */
const connectMs = 1000;
/**
 * Milliseconds after the start to wait for the connected clients to resubscribe. Short enough that calls queued in
 * clients do not time out.
 */
const renewMs = 3000;

/**
 * Coordinates the clients that reconnect to a restarted store. A publication queued in one client must not be
 * published before the other clients have resubscribed: they would miss it. So each client sends `renewed` after it
 * has resubscribed, and gets the reply when all clients have done so, or after a timeout.
 */
export class ReturningCallers {
  readonly #connected = new Set<Caller>();
  readonly #renewed = new Set<Caller>();
  /** Number of clients before the restart; 0 when all are back or the wait is over. */
  #expected = 0;
  #isLate = false;
  #timer: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  /** Called when clients can connect. `expected` is the number of clients before the restart. */
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

  /**
   * The caller has resubscribed. Resolves when all others have, too; returns `undefined` if there is nothing to wait
   * for.
   */
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

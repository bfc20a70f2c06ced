/** Who waits, in order. Those who had their turn in vain stand before those who had none yet. */
export class WaitingLine<T> implements Iterable<T> {
  readonly #returned = new Set<T>();
  readonly #fresh = new Set<T>();

  get size(): number {
    return this.#returned.size + this.#fresh.size;
  }

  /** At the end of the line. */
  add(guest: T): void {
    this.#fresh.add(guest);
  }

  /** Back to where it stood before its turn. */
  giveBack(guest: T): void {
    this.#returned.add(guest);
  }

  has(guest: T): boolean {
    return this.#returned.has(guest) || this.#fresh.has(guest);
  }

  delete(guest: T): void {
    this.#returned.delete(guest);
    this.#fresh.delete(guest);
  }

  /** Guests may leave and come back meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    yield* this.#returned;
    yield* this.#fresh;
  }
}

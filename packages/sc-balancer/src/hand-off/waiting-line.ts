/** A queue. Items that were taken out and put back precede items that have never been taken out. */
export class WaitingLine<T> implements Iterable<T> {
  readonly #returned = new Set<T>();
  readonly #fresh = new Set<T>();

  get size(): number {
    return this.#returned.size + this.#fresh.size;
  }

  /** Appends an item. */
  add(item: T): void {
    this.#fresh.add(item);
  }

  /** Returns an item that was taken out, in front of all fresh items. */
  putBack(item: T): void {
    this.#returned.add(item);
  }

  has(item: T): boolean {
    return this.#returned.has(item) || this.#fresh.has(item);
  }

  delete(item: T): void {
    this.#returned.delete(item);
    this.#fresh.delete(item);
  }

  /** Items may be deleted and put back during iteration. */
  *[Symbol.iterator](): Iterator<T> {
    yield* this.#returned;
    yield* this.#fresh;
  }
}

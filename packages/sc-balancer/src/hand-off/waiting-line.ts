/** A queue. Items that were taken out and put back precede items that have not been taken out yet. */
export class WaitingLine<T> implements Iterable<T> {
  readonly #returned = new Set<T>();
  readonly #fresh = new Set<T>();

  get size(): number {
    return this.#returned.size + this.#fresh.size;
  }

  /** At the end of the line. */
  add(item: T): void {
    this.#fresh.add(item);
  }

  /** Back to where it was before it was taken out. */
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

  /** Items may be taken out and put back meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    yield* this.#returned;
    yield* this.#fresh;
  }
}

import type { ShardPlace } from '../wire/login.js';

/**
 * The place by which the connected clients know the store. Names are distributed by it: clients that differ would look
 * for one channel in two stores.
 */
export class ShardPlaces {
  #place: ShardPlace | undefined;
  #links = 0;

  /** The place of the connected clients if this is another one. A client of this store alone has none, and always fits. */
  otherThan(place: ShardPlace | undefined): ShardPlace | undefined {
    const known = this.#place;
    if (place === undefined || known === undefined) return undefined;
    return known.index === place.index && known.count === place.count ? undefined : known;
  }

  /** A link with this place begins. Returns the function that ends it. */
  add(place: ShardPlace | undefined): () => void {
    if (place === undefined) return () => undefined;
    this.#place = place;
    this.#links += 1;
    return () => {
      this.#links -= 1;
      if (this.#links === 0) this.#place = undefined;
    };
  }
}

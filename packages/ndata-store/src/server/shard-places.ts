import type { ShardPlace } from '../wire/login.js';

/**
 * The place of this store among the shards of the connected clients. It determines the distribution of names: clients
 * with different places would look for one channel in two stores.
 */
export class ShardPlaces {
  #place: ShardPlace | undefined;
  #links = 0;

  /**
   * Returns the place that the connected clients use, if it differs. A client of this store alone has no place and
   * always matches.
   */
  otherThan(place: ShardPlace | undefined): ShardPlace | undefined {
    const known = this.#place;
    if (place === undefined || known === undefined) return undefined;
    return known.index === place.index && known.count === place.count ? undefined : known;
  }

  /** Registers a link with this place. Returns a function that unregisters it. */
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

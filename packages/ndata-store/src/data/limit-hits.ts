/** Every limit of a store. */
export const storeLimitNames = [
  'authFailures',
  'clients',
  'evictions',
  'invalidFrames',
  'loginTimeout',
  'memoryBytes',
  'pendingBytes',
  'pendingLogins',
  'queryTimeout',
  'readTimeout',
  'replyBytes',
  'tlsHandshakes',
] as const;

/** Names of the limits of a store. */
export type StoreLimitName = (typeof storeLimitNames)[number];

/** Counts how often each limit was reached. */
export class LimitHits {
  readonly #counts = new Map<StoreLimitName, number>();

  hit(limit: StoreLimitName): void {
    this.#counts.set(limit, (this.#counts.get(limit) ?? 0) + 1);
  }

  /** Every limit with its count, 0 included. */
  snapshot(): Readonly<Record<StoreLimitName, number>> {
    const entries = storeLimitNames.map((name) => [name, this.#counts.get(name) ?? 0] as const);
    return Object.fromEntries(entries) as Record<StoreLimitName, number>;
  }
}

import { Publication } from 'ndata-store';

/** Publications that a record holds, at most. */
const maxCount = 4_096;
/** Bytes of their payloads, at most. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The latest publications of a feed by the store's own number (`live`), which every publication of a channel has, whether
 * or not the channel keeps a history. Only while sockets move to this process, which is how they get what was published
 * meanwhile.
 */
export class FeedRecord {
  /** Everything after this number is here, up to `top`. */
  #from: number;
  #top: number;
  #bytes = 0;
  #entries: Publication[] = [];
  #first = 0;
  readonly #waiters = new Set<() => void>();

  constructor(live: number) {
    this.#from = live;
    this.#top = live;
  }

  /** The number of the last publication that the feed has delivered. */
  get top(): number {
    return this.#top;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** The feed has delivered a publication. */
  push({ channel, payload, isVolatile, offset, epoch, prev, live, headers }: Publication): void {
    // A copy: the payload may be a view into a large buffer of the link.
    const copy = Uint8Array.from(payload);
    const entry = new Publication(channel, copy, isVolatile, offset, epoch, live, prev);
    entry.headers = headers;
    this.#entries.push(entry);
    this.#bytes += copy.length;
    while (this.#entries.length - this.#first > maxCount || this.#bytes > maxBytes) this.#dropOldest();
    this.advance(live);
  }

  /** The feed has come to this number, and nothing is missing. */
  advance(live: number): void {
    this.#top = live;
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const retry of waiters) retry();
  }

  /** The feed went on at this number, and what came before may not be complete. */
  reset(live: number): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#from = live;
    this.advance(live);
  }

  /** The publications after a number, oldest first; `undefined` when some of them are not kept. */
  after(live: number): readonly Publication[] | undefined {
    if (live < this.#from || live > this.#top) return undefined;
    return this.#entries.slice(this.#first).filter((entry) => entry.live > live);
  }

  /** Calls back once, when the feed has moved on. Returns a function that cancels it. */
  onAdvance(retry: () => void): () => void {
    this.#waiters.add(retry);
    return () => this.#waiters.delete(retry);
  }

  #dropOldest(): void {
    const oldest = this.#entries[this.#first];
    if (oldest === undefined) return;
    this.#first += 1;
    this.#bytes -= oldest.payload.length;
    this.#from = oldest.live;
    if (this.#first > 1_024) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

import { Publication } from 'ndata-store';

/** Maximum publications in a record. */
const maxCount = 4_096;
/** Maximum payload bytes in a record. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The latest publications of a feed by the store's live number (`live`), which every publication has, whether or not
 * the channel keeps a history. Recorded only while sockets move to this process, to send them the publications of the
 * time of the move.
 */
export class FeedRecord {
  /** The record is complete after this live number, up to `top`. */
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

  /** The live number of the last publication that the feed has delivered. */
  get top(): number {
    return this.#top;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** Records a publication that the feed has delivered. */
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

  /** Advances the record to this live number, with no publication missing, and notifies the waiters. */
  advance(live: number): void {
    this.#top = live;
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const retry of waiters) retry();
  }

  /** Restarts the record at this live number; earlier publications may be incomplete. */
  reset(live: number): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#from = live;
    this.advance(live);
  }

  /** The publications after a live number, oldest first; `undefined` if some are not in the record. */
  after(live: number): readonly Publication[] | undefined {
    if (live < this.#from || live > this.#top) return undefined;
    return this.#entries.slice(this.#first).filter((entry) => entry.live > live);
  }

  /** Calls `retry` once, when the record next advances. Returns a function that cancels it. */
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

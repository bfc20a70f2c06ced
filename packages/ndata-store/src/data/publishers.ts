import { TooLateError } from 'sc-protocol';
import { DedupeWindow } from './dedupe-window.js';

/** Identifies a resent publication: by a publisher and its number for the channel, or by an id. */
export type Once = { readonly publisher: string; readonly seq: number } | { readonly id: string };

interface Known {
  readonly owner: Map<string, Known>;
  readonly key: string;
  /** The numbers of a publisher; `undefined` for an id. */
  readonly window: DedupeWindow | undefined;
  /** The offset of an id. */
  offset: number;
  /** Time of the last use, by the clock of `Publishers`. */
  usedAt: number;
}

/** The publications of a channel that may be resent. Keys of ids and of publishers begin with different characters. */
export type KnownPublications = Map<string, Known>;

export const newKnownPublications = (): KnownPublications => new Map<string, Known>();

/** The persisted form of a `Known`. */
export interface KnownState {
  readonly key: string;
  readonly entries: readonly (readonly [seq: number, offset: number])[];
}

/** Milliseconds for which a publisher and an id are kept after their last use. */
const publisherIdleMs = 600_000;
const idAgeMs = 300_000;
const maxPublishers = 100_000;
const maxIds = 1_000_000;
const maxIdsPerChannel = 10_000;

/**
 * Records which publications a store has accepted, so that a resent one is published once. Uses a monotonic clock: a
 * correction of the wall clock must not evict a publication that is being resent.
 */
export class Publishers {
  readonly #elapsed: () => number;
  /** Publications of channels without a stream. A stream holds its own, which are removed with it. */
  readonly #ofChannels = new Map<string, KnownPublications>();
  /** Least recently used first. */
  readonly #publishers = new Set<Known>();
  readonly #ids = new Set<Known>();

  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  get size(): number {
    return this.#publishers.size + this.#ids.size;
  }

  /** The known publications of a channel without a stream. */
  of(channel: string): KnownPublications {
    let known = this.#ofChannels.get(channel);
    if (known === undefined) this.#ofChannels.set(channel, (known = newKnownPublications()));
    return known;
  }

  /**
   * Returns the offset of the same publication, if it was published. Throws `TooLateError` if that can no longer be
   * determined.
   */
  find(known: KnownPublications, once: Once): number | undefined {
    const entry = known.get(keyOf(once));
    if (entry === undefined || this.#isOver(entry)) return undefined;
    if (!('seq' in once)) return entry.offset;
    const verdict = entry.window?.judge(once.seq) ?? 'new';
    if (verdict === 'late') {
      throw new TooLateError(
        `Publication ${once.seq} was sent again after ${entry.window?.newest ?? 0}: whether it was published is not known any more`,
        { isUnknown: true },
      );
    }
    return verdict === 'new' ? undefined : verdict.offset;
  }

  add(known: KnownPublications, once: Once, offset: number): void {
    const key = keyOf(once);
    const isId = !('seq' in once);
    let entry = known.get(key);
    if (entry !== undefined && this.#isOver(entry)) {
      this.#forget(entry);
      entry = undefined;
    }
    entry ??= { owner: known, key, window: isId ? undefined : new DedupeWindow(), offset, usedAt: 0 };
    if (isId) entry.offset = offset;
    else entry.window?.add(once.seq, offset);
    this.#use(entry);
    if (isId && known.size > maxIdsPerChannel) this.#forgetOldestId(known);
  }

  /** Evicts publishers and ids that were idle for too long. */
  sweep(): void {
    for (const order of [this.#publishers, this.#ids]) {
      for (const entry of order) {
        if (!this.#isOver(entry)) break;
        this.#forget(entry);
      }
    }
    for (const [channel, known] of this.#ofChannels) {
      if (known.size > 0) break;
      this.#ofChannels.delete(channel);
    }
  }

  /** Restores a persisted entry as just used, because publishers could not retry while the store was down. */
  restore(known: KnownPublications, { key, entries }: KnownState): void {
    const isId = key.startsWith(idMark);
    const window = isId ? undefined : new DedupeWindow();
    for (const [seq, offset] of entries) window?.add(seq, offset);
    this.#use({ owner: known, key, window, offset: entries[0]?.[1] ?? 0, usedAt: 0 });
  }

  #use(entry: Known): void {
    entry.usedAt = this.#elapsed();
    entry.owner.delete(entry.key);
    entry.owner.set(entry.key, entry);
    const [order, max] = entry.window === undefined ? [this.#ids, maxIds] : [this.#publishers, maxPublishers];
    order.delete(entry);
    order.add(entry);
    for (const oldest of order) {
      if (order.size <= max) break;
      this.#forget(oldest);
    }
  }

  #forgetOldestId(known: KnownPublications): void {
    for (const entry of known.values()) {
      if (entry.window !== undefined) continue;
      this.#forget(entry);
      return;
    }
  }

  #forget(entry: Known): void {
    if (entry.owner.get(entry.key) === entry) entry.owner.delete(entry.key);
    this.#publishers.delete(entry);
    this.#ids.delete(entry);
  }

  #isOver({ window, usedAt }: Known): boolean {
    return this.#elapsed() - usedAt > (window === undefined ? idAgeMs : publisherIdleMs);
  }
}

const idMark = '#';

export function keyOf(once: Once): string {
  return 'seq' in once ? `@${once.publisher}` : `${idMark}${once.id}`;
}

/** Inverse of {@link keyOf}. */
export function onceOf(key: string, seq: number): Once {
  return key.startsWith(idMark) ? { id: key.slice(1) } : { publisher: key.slice(1), seq };
}

/** The known publications in persisted form. */
export function stateOfKnown(known: KnownPublications | undefined): readonly KnownState[] {
  if (known === undefined) return [];
  return [...known.values()].map(({ key, window, offset }) => ({
    key,
    entries: window?.entries() ?? [[0, offset]],
  }));
}

import { ResourceLimitError } from 'sc-protocol';
import type { Expiry } from '../data/expiry.js';
import type { LimitHits } from '../data/limit-hits.js';
import type { Streams } from '../data/streams.js';
import type { CoreOptions } from './core-options.js';

export interface MemoryLimitOwner {
  readonly options: CoreOptions;
  readonly expiry: Expiry;
  readonly streams: Streams;
  readonly limitHits: LimitHits;
  /** About how many bytes everything kept takes. */
  memoryBytes(): number;
  /** Removes a key chain before its time. */
  evict(keys: readonly string[]): void;
}

/** Holds what a store keeps to `maxMemoryBytes`. */
export class MemoryLimit {
  readonly #owner: MemoryLimitOwner;

  constructor(owner: MemoryLimitOwner) {
    this.#owner = owner;
  }

  /** Makes room for so many bytes more, where the policy says so. Throws `ResourceLimitError` when there is none. */
  admit(bytes: number): void {
    const { options, expiry, limitHits } = this.#owner;
    const { maxMemoryBytes, memoryPolicy } = options;
    const excess = (): number => this.#owner.memoryBytes() + bytes - maxMemoryBytes;
    while (memoryPolicy === 'evict-volatile' && excess() > 0) {
      const next = expiry.peek();
      if (next === undefined) break;
      limitHits.hit('evictions');
      this.#owner.evict(next);
    }
    if (excess() <= 0) return;
    limitHits.hit('memoryBytes');
    throw new ResourceLimitError(`Memory limit reached (\`maxMemoryBytes\`, ${maxMemoryBytes} bytes)`, {
      limit: 'maxMemoryBytes',
    });
  }

  /** Bytes that kept publications may take: what `maxHistoryBytes` and, where there is one, the memory limit leave them. */
  historyRoom(): number {
    const { options, streams } = this.#owner;
    const { maxHistoryBytes, maxMemoryBytes } = options;
    if (maxMemoryBytes === 0) return maxHistoryBytes;
    return Math.min(maxHistoryBytes, streams.entryBytes + maxMemoryBytes - this.#owner.memoryBytes());
  }
}

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
  /** Approximate memory of all data, in bytes. */
  memoryBytes(): number;
  /** Removes a key chain before its expiry. */
  evict(keys: readonly string[]): void;
}

/** Enforces `maxMemoryBytes`. */
export class MemoryLimit {
  readonly #owner: MemoryLimitOwner;

  constructor(owner: MemoryLimitOwner) {
    this.#owner = owner;
  }

  /** Admits `bytes` more, evicting keys if the policy allows it. Throws `ResourceLimitError` at the limit. */
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

  /** Bytes that kept publications may take, within `maxHistoryBytes` and the memory limit, if any. */
  historyRoom(): number {
    const { options, streams } = this.#owner;
    const { maxHistoryBytes, maxMemoryBytes } = options;
    if (maxMemoryBytes === 0) return maxHistoryBytes;
    return Math.min(maxHistoryBytes, streams.entryBytes + maxMemoryBytes - this.#owner.memoryBytes());
  }
}

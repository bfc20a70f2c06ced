import type { StoreOptions } from './core/core-options.js';
import { StoreController } from './controller/store-controller.js';
import type { StoreCore } from './core/store-core.js';
import { resolvePersistOptions } from './persist/options.js';
import type { PersistOptions } from './persist/options.js';
import { Persistence } from './persist/persistence.js';
import type { RecoveryReport } from './persist/recovery.js';

/** A store's insides and what keeps them going: the controller, the core, the sweeps, the files. */
export class StoreHost {
  readonly controller: StoreController;
  readonly core: StoreCore;
  readonly #persist: Required<PersistOptions> | undefined;
  readonly #onError: (error: Error) => void;
  #persistence: Persistence | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StoreOptions, onError: (error: Error) => void) {
    const cores: StoreCore[] = [];
    this.controller = new StoreController(options, (made) => cores.push(made), onError);
    const [core] = cores;
    if (core === undefined) throw new TypeError('A controller makes its core');
    this.core = core;
    this.#persist = options.persist === undefined ? undefined : resolvePersistOptions(options.persist);
    this.#onError = onError;
  }

  /** Brings back what was kept, and keeps going. Throws `StartError`. */
  start(): RecoveryReport | undefined {
    if (this.#persist !== undefined) {
      this.#persistence = new Persistence(this.core, this.#persist, {
        failed: this.#onError,
        readOnly: (error) => {
          this.core.owner.readOnly?.(error);
          this.#onError(error);
        },
        writable: () => this.core.owner.writable?.(),
      });
    }
    this.core.sweep();
    this.#timer = setInterval(() => this.core.sweep(), this.core.options.sweepIntervalMs);
    // What keeps the process alive is the owner's business.
    this.#timer.unref();
    return this.#persistence?.report;
  }

  /** Replaces the log by a snapshot now. */
  async compact(): Promise<void> {
    await this.#persistence?.compact();
  }

  /** Rejects when not everything could be written; it is closed all the same. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const persistence = this.#persistence;
    this.#persistence = undefined;
    try {
      await persistence?.close();
    } finally {
      this.core.close();
    }
  }
}

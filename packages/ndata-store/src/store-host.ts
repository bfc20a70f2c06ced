import { coreCommands } from './commands/table.js';
import { StoreController } from './controller/store-controller.js';
import type { ControllerOptions } from './controller/store-controller.js';
import { coreOptionNames, resolveCoreOptions } from './core/core-options.js';
import type { LimitOptions } from './core/core-options.js';
import { StoreCore } from './core/store-core.js';
import { resolvePersistOptions } from './persist/options.js';
import type { PersistOptions, ResolvedPersistOptions } from './persist/options.js';
import { Persistence } from './persist/persistence.js';
import type { RecoveryReport } from './persist/recovery.js';

/** Contents and limits of a store, regardless of where it runs. */
export interface StoreOptions extends ControllerOptions, LimitOptions {
  /** Persists the store in a folder, so that a restart restores its data. @default none */
  readonly persist?: PersistOptions;
}

export const storeOptionNames: readonly string[] = [
  'id',
  'storeOptions',
  'sendToMaster',
  'persist',
  ...coreOptionNames,
];

/** The parts of a store that do not depend on its transport: controller, core, sweeps and persistence. */
export class StoreHost {
  readonly controller: StoreController;
  readonly core: StoreCore;
  readonly #persist: ResolvedPersistOptions | undefined;
  readonly #onError: (error: Error) => void;
  #persistence: Persistence | undefined;
  #timer: NodeJS.Timeout | undefined;
  #more: NodeJS.Immediate | undefined;

  /** Throws `InvalidOptionsError`. */
  constructor(options: StoreOptions, onError: (error: Error) => void) {
    this.core = new StoreCore(coreCommands, resolveCoreOptions(options));
    this.controller = new StoreController(this.core, options, onError);
    this.#persist = options.persist === undefined ? undefined : resolvePersistOptions(options.persist);
    this.#onError = onError;
  }

  /** Restores persisted data and starts the sweeps. Throws `StartError`. */
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
    this.core.history.applyRules(this.core.now());
    this.core.journal?.commit();
    this.#sweep();
    this.#timer = setInterval(() => this.#sweep(), this.core.options.sweepIntervalMs);
    // The owner decides whether the process stays alive.
    this.#timer.unref();
    return this.#persistence?.report;
  }

  /** Sweeps in slices, so that many keys expiring at once do not block the event loop. */
  #sweep(): void {
    clearImmediate(this.#more);
    if (this.core.sweep()) this.#more = setImmediate(() => this.#sweep());
  }

  /** Compacts the log into a snapshot now. */
  async compact(): Promise<void> {
    await this.#persistence?.compact();
  }

  /** Closes the store. Rejects if some data could not be written; the store is closed in any case. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearImmediate(this.#more);
    const persistence = this.#persistence;
    this.#persistence = undefined;
    try {
      await persistence?.close();
    } finally {
      this.core.close();
    }
  }
}

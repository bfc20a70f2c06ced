import { LocalShard } from './client/local-shard.js';
import { StoreClient } from './client/store-client.js';
import type { StoreController } from './controller/store-controller.js';
import { checkNames } from './option-rules.js';
import type { RecoveryReport } from './persist/recovery.js';
import { StoreHost, storeOptionNames } from './store-host.js';
import type { StoreOptions } from './store-host.js';

/**
 * A store in this process with the commands of a client. Opens no sockets and starts no process. Throws
 * `InvalidOptionsError`.
 */
export class NdataStore extends StoreClient {
  /** The store's controller. */
  readonly controller: StoreController;
  /** Result of the recovery from the `persist` folder. */
  readonly recovery: RecoveryReport | undefined;
  readonly #host: StoreHost;

  /**
   * Creates a store in this process. Throws `InvalidOptionsError`, and `StartError` if its folder cannot be recovered.
   */
  constructor(options: StoreOptions = {}) {
    checkNames(options, storeOptionNames);
    let onError: (error: Error) => void = () => undefined;
    const host = new StoreHost(options, (error) => onError(error));
    const recovery = host.start();
    super((listener) => {
      onError = (error) => listener.warned(error);
      return [new LocalShard(host.core, listener)];
    });
    this.#host = host;
    this.controller = host.controller;
    this.recovery = recovery;
  }

  /** With `persist`: compacts the log into a snapshot now. */
  compact(): Promise<void> {
    return this.#host.compact();
  }

  /** Waits until all commands are complete and logged. */
  override async drain(): Promise<void> {
    await super.drain();
    await this.#host.close();
  }

  /** Closes the store and its files. */
  override async close(): Promise<void> {
    await super.close();
    await this.#host.close();
  }
}

import { LocalShard } from './client/local-shard.js';
import { StoreClient } from './client/store-client.js';
import type { StoreOptions } from './core/core-options.js';
import { StoreController } from './core/store-controller.js';
import type { StoreCore } from './core/store-core.js';
import { checkNames } from './option-rules.js';
import { storeOptionNames } from './server/options.js';

/** A store in this process, with the commands of a client: no sockets, no other process. */
export class NdataStore extends StoreClient {
  /** The store from inside. */
  readonly controller: StoreController;

  constructor(options: StoreOptions = {}) {
    checkNames(options, storeOptionNames);
    const cores: StoreCore[] = [];
    const controller = new StoreController(options, (core) => cores.push(core));
    super((listener) => cores.map((core) => new LocalShard(core, listener)));
    this.controller = controller;
  }
}

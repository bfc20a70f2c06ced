import { LinkShard } from './link/link-shard.js';
import { resolveClientOptions, resolveClusterOptions } from './options.js';
import type { NdataClientOptions, NdataClusterClientOptions } from './options.js';
import { PublishNumbers } from './publish-numbers.js';
import { StoreClient } from './store-client.js';

/**
 * A client of one store. It connects immediately and reconnects after every link loss; commands issued meanwhile wait
 * for the link until their deadline. Throws `InvalidOptionsError`.
 */
export class NdataClient extends StoreClient {
  /** Creates a client, which connects immediately. Throws `InvalidOptionsError`. */
  constructor(options: NdataClientOptions = {}) {
    const [address, link] = resolveClientOptions(options);
    super((listener) => [new LinkShard(address, link, listener)], new PublishNumbers());
  }
}

/**
 * A client of several stores. Each channel, and each root key with all keys beneath it, is assigned to one of them by
 * rendezvous hashing of the name. A disconnected shard does not delay the others. A store refuses a client that
 * configures another position or number of shards for it than the connected clients. Throws `InvalidOptionsError`.
 */
export class NdataClusterClient extends StoreClient {
  /** Creates a client of several stores, which connects immediately. Throws `InvalidOptionsError`. */
  constructor(options: NdataClusterClientOptions) {
    const [addresses, link] = resolveClusterOptions(options);
    const { length: count } = addresses;
    super(
      (listener) => addresses.map((address, index) => new LinkShard(address, link, listener, { index, count })),
      new PublishNumbers(),
    );
  }
}

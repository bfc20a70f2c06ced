import { LinkShard } from './link/link-shard.js';
import { resolveClientOptions, resolveClusterOptions } from './options.js';
import type { NdataClientOptions, NdataClusterClientOptions } from './options.js';
import { PublishNumbers } from './publish-numbers.js';
import { StoreClient } from './store-client.js';

/**
 * A client of one store. It connects at once, and again whenever the link is lost; commands given meanwhile wait for
 * the link until their deadline. Throws `InvalidOptionsError`.
 */
export class NdataClient extends StoreClient {
  /** Creates a client, which connects immediately. Throws `InvalidOptionsError`. */
  constructor(options: NdataClientOptions = {}) {
    const [address, link] = resolveClientOptions(options);
    super((listener) => [new LinkShard(address, link, listener)], new PublishNumbers());
  }
}

/**
 * A client of several stores. A channel and a root key, with all beneath it, live on one of them, chosen by rendezvous
 * hashing of the name. A shard that is away delays nothing on the others. A store refuses a client that knows it by another
 * position, or among another number of shards, than the clients that are connected. Throws `InvalidOptionsError`.
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

import { NdataClient } from './client/ndata-client.js';
import type { NdataClientOptions } from './client/options.js';
import { NdataServer } from './server/ndata-server.js';
import type { NdataServerOptions } from './server/options.js';

/** A server that begins to listen at once: `ready` tells when clients can connect, `error` that they cannot. */
export function createServer(options: NdataServerOptions = {}): NdataServer {
  const server = new NdataServer(options);
  // In the next microtask, so that the creator can add listeners first.
  queueMicrotask(() => {
    server.listen().catch((error: unknown) => server.report(error as Error));
  });
  return server;
}

/** A client of one store; the same as `new NdataClient(options)`. */
export function createClient(options: NdataClientOptions = {}): NdataClient {
  return new NdataClient(options);
}

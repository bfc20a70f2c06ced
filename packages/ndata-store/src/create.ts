import { NdataClient } from './client/ndata-client.js';
import type { NdataClientOptions } from './client/options.js';
import { NdataServer } from './server/ndata-server.js';
import type { NdataServerOptions } from './server/options.js';

/** Creates a server and starts listening. It emits `ready` when clients can connect, or `error` if it cannot listen. */
export function createServer(options: NdataServerOptions = {}): NdataServer {
  const server = new NdataServer(options);
  // Start in the next microtask, so that the caller can add listeners first.
  queueMicrotask(() => {
    server.listen().catch((error: unknown) => server.report(error as Error));
  });
  return server;
}

/** Creates a client of one store; the same as `new NdataClient(options)`. */
export function createClient(options: NdataClientOptions = {}): NdataClient {
  return new NdataClient(options);
}

import { NdataServer } from 'ndata-store';
import { joinPool } from 'sc-worker-pool/child';
import type { FromStore, StoreInit } from '../messages.js';

const seat = joinPool<StoreInit, never, FromStore>();
const { socketPath, secret } = await seat.init;
const server = new NdataServer({ socketPath, secret });
await server.listen();
seat.onStop(() => server.close());
seat.ready();

import { NdataClusterClient } from 'ndata-store';
import { hydrateError } from 'sc-protocol';
import { joinPool } from 'sc-worker-pool/child';
import { createProcessLog } from '../cluster/children/process-log.js';
import type { AdminInit, AdminRequest, FromAdmin, ToAdmin } from './admin-messages.js';
import { AdminServer } from './admin-server.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const seat = joinPool<AdminInit, ToAdmin, FromAdmin>();
const { logLevel, storeAccess, ...setting } = await seat.init;
const { logger, setLevel } = createProcessLog({ role: 'admin', id: seat.id }, logLevel, seat);
const store = new NdataClusterClient(storeAccess);
store.on('error', (error) => logger.warn('A store link failed', { error }));
const waiting = new Map<number, Waiting>();
let lastId = 0;
/**
 * Needs no timeout: the supervisor answers every request, at least with a refusal, and this process stops without it.
 */
const ask = (request: AdminRequest): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const requestId = ++lastId;
    waiting.set(requestId, { resolve, reject });
    seat.send({ type: 'request', requestId, request });
  });
seat.onMessage((message) => {
  switch (message.type) {
    case 'log-level':
      setLevel(message.level);
      return;
    case 'result':
      waiting.get(message.requestId)?.resolve(message.result);
      waiting.delete(message.requestId);
      return;
    case 'refusal':
      waiting.get(message.requestId)?.reject(hydrateError(message.error));
      waiting.delete(message.requestId);
      return;
    default:
      message satisfies never;
  }
});
const server = new AdminServer({ ...setting, store, logger, ask });
seat.onStop(async () => {
  await server.close();
  await store.close();
});
seat.send({ type: 'listening', port: await server.listen() });
seat.ready();

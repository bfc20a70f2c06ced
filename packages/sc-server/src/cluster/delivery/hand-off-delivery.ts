import type { HandOffListener } from 'sc-balancer';
import type { ResolvedClusterOptions } from '../options.js';
import { shareTlsOptions } from '../shared-tls.js';
import type { Delivery } from './delivery.js';

/** Workers get the accepted connections themselves; with https they do TLS. */
export function createHandOffDelivery(options: ResolvedClusterOptions, listener: HandOffListener): Delivery {
  const tls = shareTlsOptions(options);
  let port: number | undefined;
  return {
    get port() {
      return port;
    },
    async listen() {
      ({ port } = await listener.listen());
    },
    start: () => Promise.resolve(),
    forWorker: () => ({ type: 'hand-off', tls }),
    addWorker(member) {
      listener.addTarget({
        id: targetId(member),
        send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
      });
    },
    drainWorker: (member) => listener.drainTarget(targetId(member)),
    removeWorker: (member) => listener.removeTarget(targetId(member)),
    handleWorkerMessage: (member, message) => void listener.handleMessage(targetId(member), message),
    close: () => listener.close(),
  };
}

/** Belongs to one life of one member. */
export function targetId({ id, generation }: { readonly id: number; readonly generation: number }): string {
  return `${id}-${generation}`;
}

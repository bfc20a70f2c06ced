import type { HandOffListener } from 'sc-balancer';
import type { ResolvedClusterOptions } from '../options.js';
import { packTlsOptions } from '../portable-tls.js';
import type { Delivery } from './delivery.js';

/** Workers get the accepted connections themselves; with https they do TLS. */
export function createHandOffDelivery(options: ResolvedClusterOptions, listener: HandOffListener): Delivery {
  const tls = options.protocolOptions && packTlsOptions(options.protocolOptions);
  return {
    get port() {
      return listener.address?.port;
    },
    listen: () => listener.listen(),
    start: () => Promise.resolve(),
    forWorker: () => ({ type: 'hand-off', tls }),
    addWorker(member) {
      listener.addTarget({
        id: targetId(member),
        send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
      });
    },
    removeWorker: (member) => listener.removeTarget(targetId(member)),
    handleWorkerMessage: (member, message) => listener.handleMessage(targetId(member), message),
    close: () => listener.close(),
  };
}

/** A process id belongs to one living member, whichever slot and generation. */
export function targetId({ pid }: { readonly pid: number | undefined }): number {
  return pid ?? -1;
}

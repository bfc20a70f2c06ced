import type { HandOffListener } from 'sc-balancer';
import type { ToWorker } from '../messages.js';
import type { ResolvedClusterOptions } from '../options.js';
import { shareTlsOptions } from '../shared-tls.js';
import type { Delivery, WorkerMember } from './delivery.js';

/** Workers get the accepted connections themselves; with https they do TLS. */
export function createHandOffDelivery(options: ResolvedClusterOptions, listener: HandOffListener): Delivery {
  const workers = new Set<WorkerMember>();
  const tls = shareTlsOptions(options);
  /** What came after; a worker that was started before it has not got it. */
  let changedTls: ToWorker | undefined;
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
      workers.add(member);
      if (changedTls !== undefined) member.send(changedTls);
      listener.addTarget({
        id: targetId(member),
        send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
      });
    },
    drainWorker: (member) => listener.drainTarget(targetId(member)),
    removeWorker(member) {
      workers.delete(member);
      listener.removeTarget(targetId(member));
    },
    setTls(changed) {
      changedTls = { type: 'tls', tls: changed };
      for (const worker of workers) worker.send(changedTls);
    },
    handleWorkerMessage: (member, message) => void listener.handleMessage(targetId(member), message),
    stopListening: () => listener.close(),
    close: () => Promise.resolve(),
  };
}

/** Belongs to one life of one member. */
export function targetId({ id, generation }: { readonly id: number; readonly generation: number }): string {
  return `${id}-${generation}`;
}

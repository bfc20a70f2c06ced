import type { HandOffListener } from 'sc-balancer';
import type { SharedTls } from '../tls/shared.js';
import { tell } from '../pools/tell.js';
import type { Delivery, WorkerMember } from './delivery.js';

/** Time to hand over accepted connections when the port is closed, in milliseconds. */
export const handOverMs = 500;

/**
 * Delivery without balancers: workers receive the accepted connections directly, and terminate TLS if https is used.
 */
export function createHandOffDelivery(tls: SharedTls, listener: HandOffListener): Delivery {
  const workers = new Set<WorkerMember>();
  tls.onChange = (state) => {
    for (const worker of workers) tell(worker, { type: 'tls', state });
  };
  let port: number | undefined;
  return {
    get port() {
      return port;
    },
    async listen() {
      ({ port } = await listener.listen());
      tls.startRotation();
    },
    start: () => Promise.resolve(),
    forWorker: () => ({ type: 'hand-off', tls: tls.state }),
    addWorker(member) {
      workers.add(member);
      // The worker may have started before a change.
      if (tls.state !== undefined) tell(member, { type: 'tls', state: tls.state });
      listener.addTarget({
        id: targetId(member),
        send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
      });
    },
    drainWorker: (member) => listener.drainTarget(targetId(member)),
    // The source worker reports each connection as released, and `countMoved` counts it for the target.
    beginMoves: () => undefined,
    countMoved: (to) => listener.countMoved(targetId(to)),
    removeWorker(member) {
      workers.delete(member);
      listener.removeTarget(targetId(member));
    },
    handleWorkerMessage: (member, message) => void listener.handleMessage(targetId(member), message),
    stopListening: () => listener.drain(handOverMs),
    close() {
      tls.stopRotation();
      return Promise.resolve();
    },
  };
}

/** Returns an id that is unique to one generation of a worker or balancer. */
export function targetId({ id, generation }: { readonly id: number; readonly generation: number }): string {
  return `${id}-${generation}`;
}

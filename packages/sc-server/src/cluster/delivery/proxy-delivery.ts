import type { HandOffListener } from 'sc-balancer';
import { WorkerPool } from 'sc-worker-pool';
import type { BalancerInit, BalancerTarget, FromBalancer, ToBalancer } from '../messages.js';
import type { ResolvedClusterOptions } from '../options.js';
import { packTlsOptions } from '../portable-tls.js';
import { processFiles } from '../process-files.js';
import type { RuntimeDirectory } from '../runtime-directory.js';
import type { Delivery, WorkerMember } from './delivery.js';
import { targetId } from './hand-off-delivery.js';

export type BalancerProcesses = WorkerPool<BalancerInit, ToBalancer, FromBalancer>;

/** Balancer processes get the accepted connections, end TLS, and relay to the unix sockets of the workers. */
export function createProxyDelivery(
  options: ResolvedClusterOptions,
  listener: HandOffListener,
  directory: RuntimeDirectory,
): Delivery & { readonly balancers: BalancerProcesses } {
  const tls = options.protocolOptions && packTlsOptions(options.protocolOptions);
  const targets = new Map<number, BalancerTarget>();
  const socketPath = (id: number, generation: number) => directory.socketPath(`w${id}-${generation}`);
  const balancers: BalancerProcesses = new WorkerPool({
    role: 'balancer',
    entry: processFiles.balancer,
    count: options.balancers,
    init: () => ({ tls, targets: [...targets.values()] }),
    readyTimeoutMs: options.readyTimeout,
    stopTimeoutMs: options.processTermTimeout,
    respawn: options.rebootWorkerOnCrash,
  });
  const tell = (message: ToBalancer) => {
    for (const member of balancers.members) if (member.state === 'ready') member.send(message);
  };
  balancers.on('ready', (member) => {
    // What changed since its init message was made.
    for (const target of targets.values()) member.send({ type: 'add-target', target });
    listener.addTarget({
      id: targetId(member),
      send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
    });
  });
  balancers.on('draining', (member) => listener.removeTarget(targetId(member)));
  balancers.on('exit', (_report, member) => listener.removeTarget(targetId(member)));
  balancers.on('message', (member, message) => {
    if (message.type === 'hand-off') listener.handleMessage(targetId(member), message.message);
  });
  return {
    balancers,
    get port() {
      return listener.address?.port;
    },
    listen: () => listener.listen(),
    start: () => balancers.start(),
    forWorker: (id, generation) => ({ type: 'proxy', socketPath: socketPath(id, generation) }),
    addWorker(member: WorkerMember) {
      const target = { id: targetId(member), socketPath: socketPath(member.id, member.generation) };
      targets.set(target.id, target);
      tell({ type: 'add-target', target });
    },
    removeWorker(member: WorkerMember) {
      const id = targetId(member);
      if (targets.delete(id)) tell({ type: 'remove-target', id });
    },
    handleWorkerMessage: () => undefined,
    async close() {
      await listener.close();
      await balancers.stop();
    },
  };
}

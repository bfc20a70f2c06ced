import type { HandOffListener } from 'sc-balancer';
import { rm } from 'node:fs/promises';
import { WorkerPool, type PoolMember } from 'sc-worker-pool';
import type { BalancerInit, BalancerTarget, FromBalancer, ToBalancer } from '../children/messages.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { SharedTls } from '../tls/shared.js';
import { processFile } from '../pools/process-files.js';
import { commonPoolOptions } from '../pools/pools.js';
import type { LogThreshold } from '../../log/entry.js';
import { socketsAreFiles } from '../host/platform.js';
import type { RuntimeDirectory } from '../host/runtime-directory.js';
import type { Delivery, WorkerMember } from './delivery.js';
import { tell } from '../pools/tell.js';
import { Farewells } from './drain-acks.js';
import { handOverMs, targetId } from './hand-off.js';

export type BalancerProcesses = WorkerPool<BalancerInit, ToBalancer, FromBalancer>;
type BalancerMember = PoolMember<ToBalancer>;

/**
 * Delivery through balancer processes, which receive the accepted connections, terminate TLS, and relay to the unix
 * sockets of the workers.
 */
export function createProxyDelivery(
  options: ResolvedClusterOptions,
  tls: SharedTls,
  listener: HandOffListener,
  directory: RuntimeDirectory,
  log: { readonly threshold: LogThreshold },
): Delivery & { readonly balancers: BalancerProcesses } {
  const targets = new Map<string, BalancerTarget>();
  const socketPath = (id: number, generation: number) => directory.socketPath(`w${id}-${generation}`);
  let port: number | undefined;
  const balancers: BalancerProcesses = new WorkerPool({
    role: 'balancer',
    entry: processFile(options, 'balancer'),
    count: options.balancers,
    init: () => ({
      logLevel: log.threshold,
      tls: tls.state,
      controllerPath: options.balancerController,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress,
      connectsPerSecondPerAddress: options.connectsPerSecondPerAddress,
      trustedPeers: options.trustedPeers,
      // Must be shorter than the pool's stop timeout.
      drainMs: Math.ceil(options.processTermTimeout * 0.8),
    }),
    ...commonPoolOptions(options),
  });
  let revision = 0;
  const targetsMessage = (): ToBalancer => ({ type: 'targets', targets: [...targets.values()], revision });
  const farewells = new Farewells<WorkerMember, BalancerMember>((worker) => tell(worker, { type: 'unreachable' }));
  const tellAll = (message: ToBalancer) => {
    for (const member of balancers.members) if (member.state === 'ready') tell(member, message);
  };
  tls.onChange = (state) => tellAll({ type: 'tls', state });
  balancers.on('ready', (member) => {
    // Send the targets before any connection; IPC preserves the order.
    tell(member, targetsMessage());
    if (tls.state !== undefined) tell(member, { type: 'tls', state: tls.state });
    listener.addTarget({
      id: targetId(member),
      send: (message, socket) => member.send({ type: 'hand-off', message }, socket, { keepOpen: true }),
    });
  });
  balancers.on('draining', (member) => listener.drainTarget(targetId(member)));
  balancers.on('exit', (_report, member) => {
    listener.removeTarget(targetId(member));
    farewells.gone(member);
  });
  balancers.on('message', (member, message) => {
    if (message.type === 'hand-off') listener.handleMessage(targetId(member), message.message);
    else if (message.type === 'targets-set') farewells.heard(member, message.revision);
  });
  const tellTargets = () => {
    revision += 1;
    tellAll(targetsMessage());
  };
  // Balancers send no new connections to a removed target, but continue to relay its open ones.
  const remove = (member: WorkerMember): boolean => {
    const wasTarget = targets.delete(targetId(member));
    if (wasTarget) tellTargets();
    return wasTarget;
  };
  return {
    balancers,
    get port() {
      return port;
    },
    async listen() {
      ({ port } = await listener.listen());
      tls.startRotation();
    },
    start: () => balancers.start(),
    forWorker: (id, generation) => ({ type: 'proxy', socketPath: socketPath(id, generation) }),
    addWorker(member: WorkerMember) {
      const target = { id: targetId(member), socketPath: socketPath(member.id, member.generation) };
      targets.set(target.id, target);
      tellTargets();
    },
    drainWorker(member) {
      if (remove(member))
        farewells.begin(
          member,
          revision,
          balancers.members.filter(({ state }) => state === 'ready'),
        );
    },
    // Balancers only update their counts: their ends of the connections are not affected by a move.
    beginMoves: (from, to) => tellAll({ type: 'moving', from: targetId(from), to: targetId(to) }),
    countMoved: () => undefined,
    removeWorker(member) {
      remove(member);
      farewells.forget(member);
      // A killed process has not removed its socket file.
      if (socketsAreFiles) void rm(socketPath(member.id, member.generation), { force: true }).catch(() => undefined);
    },
    handleWorkerMessage: () => undefined,
    stopListening: () => listener.drain(handOverMs),
    close(withinMs) {
      tls.stopRotation();
      tellAll({ type: 'closing', withinMs });
      return balancers.stop();
    },
  };
}

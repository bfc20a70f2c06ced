import type { FoundCluster } from 'sc-server/tools';
import { duration, megabytes, table } from './table.js';

type Status = FoundCluster['status'];

/**
 * Describes a cluster and its processes for people. Inbound rates are connections, frames or commands, depending on the
 * process.
 */
export function describeStatus(status: Status): string {
  const { appName, state, protocol, port, supervisor, workers, stores, balancers } = status;
  const clients = workers.reduce((sum, worker) => sum + worker.clients, 0);
  const where = port === undefined ? '' : ` on ${protocol}://localhost:${port}`;
  const processes = [
    ...balancers.map((one) => ({
      role: 'balancer',
      clients: '',
      rates: [rate(one.connectionsPerSecond), ''],
      ...withoutClients(one),
    })),
    ...workers.map((one) => ({
      role: 'worker',
      ...withoutClients(one),
      clients: String(one.clients),
      rates: [rate(one.framesInPerSecond), rate(one.framesOutPerSecond)],
    })),
    ...stores.map((one) => ({
      role: 'store',
      clients: '',
      rates: [rate(one.commandsPerSecond), ''],
      ...withoutClients(one),
    })),
  ];
  const rows = processes.map(
    ({
      role,
      id,
      pid,
      state: own,
      uptimeMs,
      silentMs,
      restarts,
      rssBytes,
      lagMs,
      utilization,
      connections,
      clients: n,
      rates,
    }) => [
      `${role} ${id}`,
      String(pid),
      silentMs > 2_500 ? `${own}, silent ${duration(silentMs)}` : own,
      duration(uptimeMs),
      String(restarts),
      connections === undefined ? '' : String(connections),
      n,
      ...rates,
      utilization === undefined ? '' : `${Math.round(utilization * 100)}%`,
      lagMs === undefined ? '' : `${Math.round(lagMs)} ms`,
      megabytes(rssBytes),
    ],
  );
  const head = [
    'process',
    'pid',
    'state',
    'up',
    'restarts',
    'connections',
    'clients',
    'in/s',
    'out/s',
    'busy',
    'lag',
    'memory',
  ];
  return `${appName} (${supervisor.pid}) is ${state}${where}, ${clients} clients\n${table(head, rows)}`;
}

function rate(perSecond: number | undefined): string {
  return String(perSecond ?? '');
}

function withoutClients(process: Status['stores'][number]): Omit<Status['stores'][number], 'clients'> {
  return process;
}

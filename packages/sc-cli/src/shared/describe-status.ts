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
  const limits = [{ role: 'supervisor', id: undefined, limitHits: supervisor.limitHits }, ...processes]
    .map((one) => describeLimits(one.id === undefined ? one.role : `${one.role} ${one.id}`, one.limitHits))
    .join('');
  const shared = status.sharedStores.map(({ address, state: own, awayFrom }) => {
    const who = awayFrom.length === 0 ? '' : ` from worker ${awayFrom.join(', ')}`;
    return `shared store ${address}: ${own}${who}`;
  });
  const title = `${appName} (${supervisor.pid}) is ${state}${where}, ${clients} clients, ${supervisor.accepted} connections accepted`;
  return [`${title}\n${table(head, rows)}${limits}`, ...shared, ...describeLosses(status)].join('\n');
}

/** A line with the limits exceeded since the process started, or nothing. */
function describeLimits(who: string, limitHits: Readonly<Record<string, number>> | undefined): string {
  const reached = Object.entries(limitHits ?? {}).filter(([, count]) => count > 0);
  if (reached.length === 0) return '';
  return `\nlimits reached at ${who}: ${reached.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}

/** A line for each process that has lost data since it started. */
function describeLosses({ workers, stores }: Status): string[] {
  const counts = [
    ...workers.map(({ id, lostPublications, unknownGaps, linksLost }) => ({
      process: `worker ${id}`,
      losses: [
        [lostPublications, 'publications lost'],
        [unknownGaps, 'gaps of unknown size'],
        [linksLost, 'store links lost'],
      ] as const,
    })),
    ...stores.map(({ id, unconfirmedOrders, logFailures }) => ({
      process: `store ${id}`,
      losses: [
        [unconfirmedOrders, 'orders unconfirmed'],
        [logFailures, 'log failures'],
      ] as const,
    })),
  ];
  return counts.flatMap(({ process, losses }) => {
    const texts = losses.flatMap(([count = 0, what]) => (count > 0 ? [`${count} ${what}`] : []));
    return texts.length === 0 ? [] : [`${process}: ${texts.join(', ')}`];
  });
}

function rate(perSecond: number | undefined): string {
  return String(perSecond ?? '');
}

type ProcessStatus = Status['balancers' | 'workers' | 'stores'][number];

function withoutClients(process: ProcessStatus): Omit<ProcessStatus, 'clients' | 'limitHits'> & {
  readonly limitHits?: Readonly<Record<string, number>> | undefined;
} {
  return process;
}

import { fork, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProcess, waitFor, type StartedProcess } from 'sc-testkit';
import type { ClusterStatus, SocketClusterOptions } from '../../dist/index.js';

/** Events of the clients since the last `reset`. */
export interface Seen {
  /** How long each client that was lost was away, in milliseconds. */
  readonly away: readonly number[];
  /** The worker of each client that was lost. */
  readonly lostFrom: readonly (number | null)[];
  readonly received: number;
  readonly asked: number;
  /** Errors of HTTP requests on connections of their own. */
  readonly refusals: readonly string[];
}

/** A cluster and its clients, each in processes of their own. */
export interface Rig {
  readonly cluster: StartedProcess<ClusterStatus>;
  readonly port: number;
  status(): Promise<ClusterStatus>;
  reload(): Promise<void>;
  /** When each worker with this id started after `since`, in milliseconds since 1970. */
  startsAfter(since: number): readonly { readonly id: number; readonly pid: number; readonly at: number }[];
  reset(): Promise<void>;
  seen(): Promise<Seen>;
  /** Process id of the worker of each client. */
  pids(): Promise<readonly (number | null)[]>;
  spin(pid: number, ms: number): Promise<void>;
  /** Waits until every process serves and every client is connected and subscribed. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly clients: number;
  readonly publishesPerSecond: number;
  readonly cluster: Partial<SocketClusterOptions>;
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Starts a cluster that takes commands. */
export function startHurtCluster(
  options: Partial<SocketClusterOptions>,
  { program, args }: { program?: string; args?: readonly string[] } = {},
): Promise<StartedProcess<ClusterStatus>> {
  const env = { CLUSTER_OPTIONS: JSON.stringify(options) };
  return program === undefined
    ? startProcess(file('cluster.mjs'), { env })
    : startProcess(args?.[0] ?? '', {
        env,
        program,
        args: [...(args ?? []).slice(1), process.execPath, file('cluster.mjs')],
      });
}

export async function startRig({ clients, publishesPerSecond, cluster: options }: RigOptions): Promise<Rig> {
  const cluster = await startHurtCluster(options);
  const port = cluster.ready.port ?? 0;
  const load = fork(file('clients.mjs'), [String(port), String(clients), String(publishesPerSecond)]);
  const ask = asker(load);
  const say = async (order: string, answer: RegExp): Promise<string> => {
    const before = cluster.output().length;
    cluster.write(`${order}\n`);
    return waitFor(() => answer.exec(cluster.output().slice(before))?.[1], { deadlineMs: 120_000, what: order });
  };
  const status = async () => JSON.parse(await say('status', /^STATUS (.*)$/m)) as ClusterStatus;
  return {
    cluster,
    port,
    status,
    reload: async () => {
      await say('reload', /^(RELOADED) /m);
    },
    startsAfter: (since) =>
      [...cluster.output().matchAll(/^STARTED (.*)$/gm)]
        .map(([, json = '']) => JSON.parse(json) as { id: number; pid: number; at: number })
        .filter(({ at }) => at > since),
    reset: async () => {
      await ask('reset');
    },
    seen: async () => (await ask('seen')) as Seen,
    pids: async () => (await ask('pids')) as (number | null)[],
    spin: async (pid, ms) => {
      await ask('spin', { pid, ms });
    },
    async settle() {
      await waitFor(async () => isWhole(await status()), { deadlineMs: 60_000, what: 'every process to serve' });
      let unsettled: unknown;
      const isSettled = async () => {
        unsettled = await ask('unsettled');
        return Object.values(unsettled as Record<string, number>).every((count) => count === 0);
      };
      const what = () => `every client to be back: ${JSON.stringify(unsettled)}`;
      await waitFor(isSettled, { deadlineMs: 60_000, what });
    },
    async stop() {
      load.disconnect();
      await cluster.stop();
    },
  };
}

function isWhole({ workers, stores, balancers }: ClusterStatus): boolean {
  return [...workers, ...stores, ...balancers].every(({ state }) => state === 'ready');
}

function asker(load: ChildProcess): (name: string, data?: unknown) => Promise<unknown> {
  let lastId = 0;
  const waiting = new Map<number, (value: unknown) => void>();
  load.on('message', ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  return (name, data) =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve);
      load.send({ id: lastId, name, data });
    });
}

/** How many files, pipes and connections a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

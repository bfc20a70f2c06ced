import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { rawSocket, withDeadline, type RawSocket } from 'sc-testkit';
import { SocketCluster, type Logger, type SocketClusterOptions } from '../../dist/index.js';

// A busy machine may take most of a minute to start the processes of a cluster.
jest.setTimeout(120_000);

export interface LoggedEntry {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface TestCluster {
  readonly cluster: SocketCluster;
  readonly log: LoggedEntry[];
  readonly port: number;
  readonly url: string;
  readonly connect: () => Promise<RawSocket>;
}

export function controller(name: string): string {
  return fileURLToPath(new URL(`./controllers/${name}`, import.meta.url));
}

/** A logger that keeps what it is told. */
export function keepingLogger(): { logger: Logger; log: LoggedEntry[] } {
  const log: LoggedEntry[] = [];
  const keep =
    (level: string) =>
    (message: string, details: object = {}) => {
      log.push({ level, message, details: details as Record<string, unknown> });
    };
  return { log, logger: { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') } };
}

/** Starts a cluster on a free port. Close it. */
export async function startCluster(
  options: Partial<SocketClusterOptions> = {},
  { hasAuthKey = true } = {},
): Promise<TestCluster> {
  const { logger, log } = keepingLogger();
  const cluster = new SocketCluster({
    workerController: controller('worker.cjs'),
    port: 0,
    workers: 2,
    stores: 1,
    ...(hasAuthKey && { authKey: 'a key of thirty-two bytes or more' }),
    appName: 'test',
    logger,
    maxEventLoopLag: 0, // A busy test machine is no overload.
    ...options,
  });
  try {
    await withDeadline(cluster.whenReady(), { deadlineMs: 50_000, what: 'the cluster to be ready' });
  } catch (error) {
    // The caller has no reference yet. Include the output and the status in the error, and stop the cluster.
    const status = JSON.stringify(cluster.status());
    await cluster.close();
    throw new Error(`No cluster for the test: ${JSON.stringify(log)} ${status}`, { cause: error });
  }
  const port = cluster.status().port ?? 0;
  const url = `${options.protocol === 'https' ? 'wss' : 'ws'}://localhost:${port}/socketcluster/`;
  const connect = async () => {
    const socket = await rawSocket(url);
    await socket.handshake();
    return socket;
  };
  return { cluster, log, port, url, connect };
}

/** Opens sockets until there is one on each of two workers. */
export async function connectToTwoWorkers({ connect }: TestCluster): Promise<[RawSocket, RawSocket]> {
  const first = await connect();
  const { data } = await first.call('worker');
  for (let tries = 0; tries < 20; tries++) {
    const second = await connect();
    if (((await second.call('worker')).data as { pid: number }).pid !== (data as { pid: number }).pid)
      return [first, second];
    await second.close();
  }
  throw new Error('20 connections all went to one worker');
}

import { join } from 'node:path';
import { LoadGenerator, type LoadReport } from '../load/load-generator.js';
import type { LoadPlan } from '../load/plan.js';
import type { Peer } from '../peers/peer.js';
import type { BenchContext, Outcome } from '../workloads/workload.js';
import { ServerProcess } from './server-process.js';
import { problemOf } from './verdict.js';

/** Cores of server and client. Not pinned if not set. */
export interface Placement {
  readonly serverCore?: number;
  readonly clientCore?: number;
}

/** A single-process server on one core, the client on another. */
export const apart: Placement = { serverCore: 0, clientCore: 1 };

/** The server and the load generator of one round. */
export interface Bout {
  readonly server: ServerProcess;
  readonly load: LoadGenerator;
}

/** Runs `body` with a new server and load generator, then stops both. */
export async function withBout<Result>(
  context: BenchContext,
  peer: Peer,
  placement: Placement,
  env: Readonly<Record<string, string>>,
  plan: (ports: readonly number[]) => LoadPlan,
  body: (bout: Bout) => Promise<Result>,
): Promise<Result> {
  const server = await ServerProcess.start({
    script: join(context.distDirectory, 'servers', peer.server),
    env: { ...peer.env, ...env },
    core: placement.serverCore,
    nodeOptions: context.nodeOptions,
  });
  try {
    const load = new LoadGenerator(
      context.programs.load,
      plan(server.ports),
      context.scratchDirectory,
      placement.clientCore,
    );
    try {
      return await body({ server, load });
    } finally {
      await load.end();
    }
  } finally {
    await server.stop();
  }
}

/** Connects, warms up and measures traffic. Received messages must contain `expectedText`. */
export async function measureTraffic({ server, load }: Bout, expectedText: string): Promise<Outcome> {
  await load.run('connect');
  const warm = await load.run('warm');
  if (warm.closed > 0 || warm.lost > 0) return { problem: problemOf(warm, expectedText, 1) ?? 'lost' };
  const before = server.cpuTimeNs();
  const report = await load.run('run');
  return outcomeOf(report, server.cpuTimeNs() - before, expectedText);
}

/** Opens connections as fast as the server accepts them, then measures their memory while they are idle. */
export async function measureConnects({ server, load }: Bout, count: number): Promise<Outcome> {
  const emptyBytes = await server.residentBytes();
  const before = server.cpuTimeNs();
  const report = await load.run('connect');
  const cpuNs = server.cpuTimeNs() - before;
  const bytes = await server.residentBytes();
  return {
    sample: {
      cpuUs: cpuNs / 1000 / count,
      perSecond: count / report.seconds,
      bytesPerConnection: (bytes - emptyBytes) / count,
      serverBusy: cpuNs / 1e9 / report.seconds,
      clientBusy: report.busy / report.seconds,
    },
  };
}

function outcomeOf(report: LoadReport, cpuNs: number, expectedText: string): Outcome {
  const serverBusy = cpuNs / 1e9 / report.seconds;
  const problem = problemOf(report, expectedText, serverBusy);
  if (problem !== undefined) return { problem };
  return {
    sample: {
      cpuUs: cpuNs / 1000 / report.messages,
      perSecond: report.messages / report.seconds,
      p50Us: report.p50Us,
      p99Us: report.p99Us,
      serverBusy,
      clientBusy: report.busy / report.seconds,
    },
  };
}

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { interleave } from '../measure/interleave.js';
import type { LoadPlan } from '../load/plan.js';
import { apart, measureConnects, measureTraffic, withBout, type Placement } from '../measure/round.js';
import { balancerPeers, tlsPeers } from '../peers/index.js';
import type { Peer } from '../peers/peer.js';
import { echoPlan, fanOutPlan, idlePlan, payload, type PlanSettings } from './plans.js';
import type { BenchContext, Workload } from './workload.js';

type PlanOf = (context: BenchContext, peer: Peer, port: number, settings: PlanSettings) => LoadPlan;

/**
 * Terminates TLS in the serving process, pinned to its own core, or in a process in front of it, where all processes
 * share both cores.
 */
function overTls(name: string, title: string, unit: string, at: 'worker' | 'balancer', plan: PlanOf): Workload {
  const peers = at === 'worker' ? tlsPeers() : balancerPeers();
  const placement: Placement = at === 'worker' ? apart : {};
  return {
    name,
    title,
    async run(context) {
      const env = tlsEnvironment(context);
      const settings = { isTls: true, spins: at === 'worker' };
      const outcomes = await interleave(context, peers, (peer) =>
        withBout(
          context,
          peer,
          placement,
          env,
          ([port = 0]) => plan(context, peer, port, settings),
          (bout) => measureTraffic(bout, payload),
        ),
      );
      return { name, title, unit, reference: peers[0]?.name ?? '', peers: outcomes };
    },
  };
}

/** Measures the cost of opening a socket over TLS, and of keeping it idle. */
function connectOverTls(count: number): Workload {
  const name = `tls-balancer-connect-${count}`;
  const title = `TLS in a balancer: connect and handshake, then idle: ${count.toLocaleString('en')} clients`;
  return {
    name,
    title,
    async run(context) {
      const env = tlsEnvironment(context);
      const peers = balancerPeers();
      const outcomes = await interleave(context, peers, (peer) =>
        withBout(
          context,
          peer,
          {},
          env,
          ([port = 0]) => idlePlan(context, peer, port, count, { isTls: true, spins: false }),
          (bout) => measureConnects(bout, count),
        ),
      );
      return { name, title, unit: 'connection', reference: peers[0]?.name ?? '', peers: outcomes };
    },
  };
}

function tlsEnvironment({ programs, scratchDirectory }: BenchContext): { SC_BENCH_TLS: string } {
  if (!programs.hasTls) throw new Error('The load generator has no TLS: the headers of OpenSSL are missing');
  return { SC_BENCH_TLS: makeCertificate(scratchDirectory) };
}

function echo(depth: number): PlanOf {
  return (context, peer, port, settings) => echoPlan(context, peer, port, 100, depth, settings);
}
const fanOut: PlanOf = (context, peer, port, settings) => fanOutPlan(context, peer, [port], 1000, 16, settings);

/** Generates a key and a self-signed certificate with the installed `openssl`. */
function makeCertificate(scratchDirectory: string): string {
  const directory = join(scratchDirectory, 'tls');
  mkdirSync(directory, { recursive: true });
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=localhost', '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  return directory;
}

export const tlsWorkloads: readonly Workload[] = [
  overTls(
    'tls-worker-echo-16',
    'TLS in the worker: call and answer, 100 sockets, 16 in flight',
    'echo',
    'worker',
    echo(16),
  ),
  overTls(
    'tls-worker-fan-out-1000-16',
    'TLS in the worker: fan-out to 1,000, 16 in flight',
    'delivery',
    'worker',
    fanOut,
  ),
  overTls(
    'tls-balancer-echo-1',
    'TLS in a balancer: call and answer, 100 sockets, 1 in flight',
    'echo',
    'balancer',
    echo(1),
  ),
  overTls(
    'tls-balancer-echo-16',
    'TLS in a balancer: call and answer, 100 sockets, 16 in flight',
    'echo',
    'balancer',
    echo(16),
  ),
  overTls(
    'tls-balancer-fan-out-1000-16',
    'TLS in a balancer: fan-out to 1,000, 16 in flight',
    'delivery',
    'balancer',
    fanOut,
  ),
  connectOverTls(1000),
];

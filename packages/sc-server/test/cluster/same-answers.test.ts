import { randomBytes } from 'node:crypto';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCleanup, makeCertificate, tempDir, waitFor } from 'sc-testkit';
import type { SocketClusterOptions } from '../../dist/index.js';
import { controller, startCluster, type TestCluster } from './support.js';

type ProtocolOptions = NonNullable<Exclude<SocketClusterOptions['protocolOptions'], (...args: never[]) => unknown>>;

/** Sequences to run for each way of delivery. */
const runs = Number(process.env['TEST_RUNS'] ?? 2);
const deadlineMs = 60_000;

const cleanup = createCleanup();
const folders = [tempDir(), tempDir(), tempDir()];
afterAll(() => folders.forEach((folder) => folder.remove()));
const [first, second, third] = folders.map(({ path }) => {
  const { key, cert } = makeCertificate(path);
  return { key, cert };
}) as [Pair, Pair, Pair];
interface Pair {
  readonly key: string;
  readonly cert: string;
}

interface Answer {
  /** The certificate that the client was shown, and whether its request was answered. */
  readonly what: string;
  /** The worker that answered. */
  readonly pid: number | undefined;
  readonly session: Buffer | undefined;
  readonly isReused: boolean;
}

/** Makes a request over a connection of its own. */
function ask(port: number, options: ConnectionOptions): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    let shown = '';
    let session: Buffer | undefined;
    let isReused = false;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2', ...options });
    socket.on('secureConnect', () => {
      shown = socket.getPeerCertificate().fingerprint256;
      session = socket.getSession();
      isReused = socket.isSessionReused();
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const pid = /\r\n\r\n(?:[0-9a-f]+\r\n)?(\d+)/.exec(text)?.[1];
      resolve({
        what: `${shown} ${pid === undefined ? 'refused' : 'answered'}`,
        pid: pid === undefined ? undefined : Number(pid),
        session,
        isReused,
      });
    });
  });
}

const isSettled = ({ cluster }: TestCluster, pids: ReadonlySet<number>): boolean => {
  const { workers, balancers } = cluster.status();
  const all = [...workers, ...balancers];
  return all.every(({ state, pid }) => state === 'ready' && !pids.has(pid));
};

const pair = fc.constantFrom(first, second, third);
const change: fc.Arbitrary<ProtocolOptions> = fc.oneof(
  pair,
  fc.record({ requestCert: fc.boolean(), ca: pair.map(({ cert }) => cert) }),
  fc.record({ rejectUnauthorized: fc.boolean() }),
  fc.record({ serverNames: fc.dictionary(fc.constantFrom('a.example', '*.a.example'), pair) }),
  fc.constant({}).map(() => ({ ticketKeys: randomBytes(48) })),
);
const step = fc.oneof(
  { weight: 3, arbitrary: change.map((given) => ({ kind: 'change', given }) as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ kind: 'crash', balancer: true }, { kind: 'crash', balancer: false } as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reload' } as const) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(test: TestCluster, one: Step): Promise<void> {
  const { cluster } = test;
  if (one.kind === 'change') {
    cluster.setProtocolOptions((one as { given: ProtocolOptions }).given);
    return;
  }
  if (one.kind === 'reload') {
    await cluster.reload();
    return;
  }
  const { workers, balancers } = cluster.status();
  const victim = ((one as { balancer: boolean }).balancer ? balancers[0] : undefined) ?? workers[0];
  if (victim === undefined) return;
  process.kill(victim.pid, 'SIGKILL');
  await waitFor(() => isSettled(test, new Set([victim.pid])) && countOf(test) === workers.length + balancers.length, {
    deadlineMs,
    what: () => `the process to be replaced; ${JSON.stringify(cluster.status())}`,
  });
}

const countOf = ({ cluster }: TestCluster): number => {
  const { workers, balancers } = cluster.status();
  return workers.length + balancers.length;
};

describe('The processes of a cluster', () => {
  afterEach(() => cleanup.run());

  it.each([0, 2])(
    'answer alike with %i balancers, whatever was changed, crashed and reloaded before',
    async (balancers) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
          const test = await startCluster({
            workerController: controller('page.cjs'),
            balancers,
            protocol: 'https',
            protocolOptions: { ...first, requestCert: true, rejectUnauthorized: false, ca: second.cert },
          });
          const { cluster, port } = test;
          cleanup.add(cluster, (one) => one.close());
          for (const one of steps) await take(test, one);
          const names = ['localhost', 'a.example', 'b.a.example'];
          for (const servername of names) {
            for (const client of [{}, first, second]) {
              // Together, so that they go to all processes.
              const answers = await Promise.all(Array.from({ length: 6 }, () => ask(port, { servername, ...client })));
              expect(new Set(answers.map(({ what }) => what)).size).toBe(1);
              const pids = cluster.status().workers.map(({ pid }) => pid);
              for (const { pid } of answers) if (pid !== undefined) expect(pids).toContain(pid);
              const [{ session, what } = { session: undefined, what: '' }] = answers;
              if (session === undefined || what.endsWith('refused')) continue;
              const again = await Promise.all(
                Array.from({ length: 4 }, () => ask(port, { servername, ...client, session })),
              );
              expect(again.map(({ isReused }) => isReused)).toEqual([true, true, true, true]);
            }
          }
          await cleanup.run();
        }),
        { numRuns: runs, endOnFailure: true },
      );
    },
    runs * 240_000,
  );
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCleanup, processTree, runProcess, startProcess, tempDir, type StartedProcess } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** The full form: `CHECK_SECONDS=60 CHECK_CLIENTS=200 CHECK_WORKERS=4 CHECK_STORES=2`. */
const size = (name: string, usual: number): number => Number(process.env[`CHECK_${name}`] ?? usual);
const seconds = size('SECONDS', 8);
const clients = size('CLIENTS', 20);
const workers = size('WORKERS', 2);
const stores = size('STORES', 1);
const channels = Math.ceil(clients / 4);

interface Started {
  readonly cluster: StartedProcess;
  readonly url: string;
}

async function startCluster(): Promise<Started> {
  const cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
  writeFileSync(join(cwd, 'worker.js'), 'export function run() {}');
  const channelRules = { 'sc-check/*': { history: { size: 100_000, ageMs: 600_000 } } };
  const persistence = { storeFolder: join(cwd, 'data'), storeFsync: 'written' };
  const config = { workerController: './worker.js', workers, stores, channels: channelRules, ...persistence };
  writeFileSync(join(cwd, 'sc.config.js'), `export default ${JSON.stringify(config)};`);
  const args = ['start', '--port', '0'];
  const started = startProcess(main, { cwd, args, readyLine: /^Open http:\/\/localhost:\d+$/m });
  const cluster = cleanup.add(await started, (one) => one.stop());
  const port = /http:\/\/localhost:(\d+)/.exec(cluster.output())?.[1];
  return { cluster, url: `ws://localhost:${port}/socketcluster/` };
}

/** Signals one process of this kind, chosen in turn. */
function signal(
  { cluster }: Started,
  kind: 'worker' | 'store',
  turn: number,
  name: NodeJS.Signals,
): number | undefined {
  const children = processTree(cluster.pid).filter(({ command }) => command.includes(`processes/${kind}.js`));
  const child = children[turn % Math.max(children.length, 1)];
  if (child !== undefined) process.kill(child.pid, name);
  return child?.pid;
}

async function check({ url }: Started, disturb: (elapsedSeconds: number) => void): Promise<Record<string, unknown>> {
  const flags = { url, clients, channels, rate: clients * 2, duration: seconds, cuts: 2, settle: 60, timeout: 30_000 };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  let elapsed = 0;
  const timer = setInterval(() => disturb(++elapsed), 1000);
  try {
    const { stdout, stderr } = await runProcess(main, {
      args: ['bench', 'check', ...args, '--json'],
      deadlineMs: 280_000,
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  } finally {
    clearInterval(timer);
  }
}

const none = { lost: 0, duplicated: 0, reordered: 0, unsignalled: 0, conflicting: 0 };

describe('channels with a rule lose and repeat nothing', () => {
  it('while workers are killed and clients are cut', async () => {
    const started = await startCluster();
    const report = await check(started, (elapsed) => {
      if (elapsed <= seconds && elapsed % 3 === 0) signal(started, 'worker', elapsed / 3, 'SIGKILL');
    });
    expect(report).toMatchObject({ counts: none, signalled: 0, failedRecoveries: 0 });
    expect(report['recoveries']).toBeGreaterThan(0);
  }, 300_000);

  it('while stores are killed, and a worker stands still', async () => {
    const started = await startCluster();
    let stopped: number | undefined;
    const report = await check(started, (elapsed) => {
      if (elapsed <= seconds && elapsed % Math.ceil(seconds / 4) === 0) signal(started, 'store', elapsed, 'SIGKILL');
      if (elapsed === 2) stopped = signal(started, 'worker', 0, 'SIGSTOP');
      if (elapsed === 7 && stopped !== undefined) process.kill(stopped, 'SIGCONT');
    });
    expect(report).toMatchObject({ counts: none, signalled: 0, failedRecoveries: 0 });
    expect(report['recoveries']).toBeGreaterThan(0);
  }, 300_000);
});

import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, tempDir, waitFor, withDeadline } from 'sc-testkit';
import { askCluster, findClusters, type FoundCluster } from '../../dist/tools.js';
import { controller, startCluster, type TestCluster } from './support.js';

const cleanup = createCleanup();
const appName = `control-${process.pid}`;

async function start(options: object = {}): Promise<{ test: TestCluster; found: FoundCluster }> {
  const test = await startCluster({ appName, workers: 1, ...options });
  cleanup.add(test, ({ cluster }) => cluster.close());
  const [found] = await ours();
  if (found === undefined) throw new Error('The cluster was not found');
  return { test, found };
}

const ours = async () => (await findClusters()).filter(({ status }) => status.appName === appName);

/** What the control socket says to a text. */
function say(path: string, text: string): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    const socket = connect(path);
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
    socket.on('connect', () => socket.write(text));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
  return withDeadline(answer, { deadlineMs: 10_000, what: 'an answer' });
}

describe('the control socket', () => {
  afterEach(() => cleanup.run());

  it('tells what status() tells', async () => {
    const { test, found } = await start();
    const { supervisor, port, workers } = test.cluster.status();
    expect(found.status).toMatchObject({ appName, state: 'running', supervisor, port });
    expect(found.status.workers.map(({ pid }) => pid)).toEqual(workers.map(({ pid }) => pid));
  });

  it('is for the user of the supervisor alone', async () => {
    const { found } = await start();
    expect(lstatSync(found.path).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(found.path, '..')).mode & 0o022).toBe(0);
  });

  it('answers a reload when every worker is replaced', async () => {
    const { test, found } = await start();
    const before = test.cluster.status().workers.map(({ pid }) => pid);
    await expect(askCluster(found.path, 'reload', { deadlineMs: 20_000 })).resolves.toBeNull();
    const after = test.cluster.status().workers.filter(({ state }) => state === 'ready');
    expect(after.map(({ pid }) => pid)).not.toEqual(before);
  });

  it('hands on why a reload failed', async () => {
    const directory = cleanup.add(tempDir(), (made) => made.remove()).path;
    const workerController = join(directory, 'worker.cjs');
    writeFileSync(workerController, 'exports.run = () => undefined;');
    const { found } = await start({ workerController });
    writeFileSync(workerController, 'exports.run = () => { throw new Error("no more"); };');
    await expect(askCluster(found.path, 'reload', { deadlineMs: 20_000 })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('no more'),
    });
  });

  it('ends the cluster and its process on stop, and answers when it has ended', async () => {
    const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
    const options = { workerController: controller('worker.cjs'), port: 0, workers: 1, stores: 1, appName };
    const running = runProcess(launch, { env: { CLUSTER_OPTIONS: JSON.stringify(options) } });
    await waitFor(async () => (await ours())[0]?.status.state === 'running', { what: 'the cluster to run' });
    const [found] = await ours();
    await expect(askCluster(found?.path ?? '', 'stop', { deadlineMs: 20_000 })).resolves.toBeNull();
    await expect(running).resolves.toMatchObject({ code: 0 });
    await expect(ours()).resolves.toEqual([]);
  });

  it.each([
    ['no JSON', 'what?\n'],
    ['a command that there is not', '{"command":"kill"}\n'],
    ['null', 'null\n'],
    ['a line without an end', 'x'.repeat(2000)],
  ])('refuses %s and goes on', async (_what, text) => {
    const { found } = await start();
    expect(JSON.parse(await say(found.path, text))).toMatchObject({ error: { code: 'SC_INVALID_ARGUMENTS' } });
    await expect(askCluster(found.path, 'status', { deadlineMs: 5_000 })).resolves.toMatchObject({ appName });
  });

  it('is not made in a directory that is not its own', async () => {
    const directory = cleanup.add(tempDir(), (made) => made.remove()).path;
    const name = `sc-${process.getuid?.() ?? 0}`;
    mkdirSync(join(directory, 'elsewhere'));
    symlinkSync(join(directory, 'elsewhere'), join(directory, name));
    const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
    const options = { workerController: controller('worker.cjs'), port: 0, workers: 1, stores: 1, appName };
    const { code, stderr } = await runProcess(launch, {
      env: { CLUSTER_OPTIONS: JSON.stringify(options), TMPDIR: directory },
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(directory, name)} must be a directory that belongs to this user`);
  });
});

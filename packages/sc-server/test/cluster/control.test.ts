import { lstatSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, startProcess, tempDir, waitFor, withDeadline } from 'sc-testkit';
import { askCluster, findClusters, searchClusters, type FoundCluster } from '../../dist/tools.js';
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

/** The answer of the control socket to a text. */
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
    ['a line without an end', 'x'.repeat(300_000)],
  ])('refuses %s and goes on', async (_what, text) => {
    const { found } = await start();
    expect(JSON.parse(await say(found.path, text))).toMatchObject({ error: { code: 'SC_INVALID_ARGUMENTS' } });
    await expect(askCluster(found.path, 'status', { deadlineMs: 5_000 })).resolves.toMatchObject({ appName });
  });

  it('changes the log level of every process, and of those that start later', async () => {
    const { test, found } = await start({ workerController: controller('logs.cjs') });
    const heard = (message: string) => test.log.some((entry) => entry.message === message && entry.level === 'debug');
    test.cluster.sendToWorker(0, 'first');
    await askCluster(found.path, { command: 'log-level', level: 'debug' }, { deadlineMs: 5_000 });
    test.cluster.sendToWorker(0, 'second');
    await waitFor(() => heard('second'), { what: 'a debug entry of the worker' });
    expect(heard('first')).toBe(false);
    await test.cluster.reload();
    test.cluster.sendToWorker(0, 'third');
    await waitFor(() => heard('third'), { what: 'a debug entry of the new worker' });
    await expect(askCluster(found.path, { command: 'status' }, { deadlineMs: 5_000 })).resolves.toMatchObject({
      log: { level: 'debug' },
    });
  });

  it('is at the path of the option, and the cluster is found there', async () => {
    const { path } = cleanup.add(tempDir(), (made) => made.remove());
    const controlPath = join(path, 'control.sock');
    const runtimeDirectory = join(path, 'run');
    const test = await startCluster({ appName, workers: 1, controlPath, runtimeDirectory });
    cleanup.add(test, ({ cluster }) => cluster.close());
    expect(lstatSync(controlPath).mode & 0o777).toBe(0o600);
    expect(await findClusters(controlPath)).toMatchObject([{ path: controlPath, status: { appName } }]);
    const second = await startCluster({ appName, workers: 1, controlPath });
    cleanup.add(second, ({ cluster }) => cluster.close());
    expect(second.log).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/^Control socket unavailable/) }),
    );
    // The first one still has it.
    expect(await findClusters(controlPath)).toMatchObject([{ status: { port: test.port } }]);
  });

  it('does not answer when the supervisor stands still, which is told from a cluster that is not there', async () => {
    const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
    const { path } = cleanup.add(tempDir(), (made) => made.remove());
    const controlPath = join(path, 'control.sock');
    const options = {
      workerController: controller('worker.cjs'),
      port: 0,
      workers: 1,
      stores: 1,
      appName,
      controlPath,
    };
    const running = await startProcess<{ supervisor: { pid: number } }>(launch, {
      env: { CLUSTER_OPTIONS: JSON.stringify(options) },
    });
    cleanup.add(running, (program) => program.stop());
    process.kill(running.pid, 'SIGSTOP');
    const hung = await searchClusters(controlPath);
    process.kill(running.pid, 'SIGCONT');
    expect(hung).toMatchObject({ found: [], silent: [{ path: controlPath, error: { name: 'TimeoutError' } }] });
    expect(await searchClusters(join(path, 'nothing.sock'))).toEqual({ found: [], silent: [] });
  });
});

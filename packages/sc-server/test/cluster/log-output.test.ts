import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, requiredTool, tempDir, waitFor } from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { askCluster } from '../../dist/tools.js';
import { controller } from './support.js';

const cleanup = createCleanup();
const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
const unshare = requiredTool('unshare', { for: 'a log on a full disk' });
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('\n!!! Not root: a log on a full disk is NOT TESTED here\n');
const deadlineMs = 60_000;

interface Running {
  readonly child: ChildProcess;
  readonly status: () => Promise<ClusterStatus>;
  readonly flood: (writes: number) => Promise<void>;
}

/** Waits until the cluster that a program runs answers at its control socket. */
async function running(child: ChildProcess, controlPath: string): Promise<Running> {
  cleanup.add(child, (one) => void one.kill('SIGKILL'));
  const status = () => askCluster(controlPath, 'status', { deadlineMs: 20_000 }) as Promise<ClusterStatus>;
  await waitFor(async () => (await status()).state === 'running', { deadlineMs, what: 'the cluster to run' });
  const { port } = await status();
  const flood = async (writes: number) => {
    const response = await fetch(`http://127.0.0.1:${port}/flood?writes=${writes}`);
    expect(await response.text()).toBe('flooded');
  };
  return { child, status, flood };
}

const envOf = (controlPath: string) => ({
  ...process.env,
  CLUSTER_OPTIONS: JSON.stringify({
    workerController: controller('floods.cjs'),
    port: 0,
    workers: 1,
    stores: 1,
    controlPath,
    authKey: 'a key of thirty-two bytes or more',
  }),
});

async function end({ child, status }: Running): Promise<void> {
  process.kill((await status()).supervisor.pid, 'SIGTERM');
  await waitFor(() => child.exitCode !== null || child.signalCode !== null, { deadlineMs, what: 'the end' });
  expect(child.exitCode).toBe(0);
}

// Pipes, devices and namespaces as Linux has them.
(process.platform === 'linux' ? describe : describe.skip)('a cluster whose log cannot be written', () => {
  afterEach(() => cleanup.run());

  it.each([
    ['its reader has closed the pipe (EPIPE)', 'pipe'],
    ['the device takes nothing (ENOSPC)', '/dev/full'],
  ])(
    'serves on and counts the entries when %s',
    async (_what, output) => {
      const { path } = cleanup.add(tempDir(), (one) => one.remove());
      const controlPath = join(path, 'control.sock');
      const fd = output === 'pipe' ? 'pipe' : openSync(output, 'w');
      const child = spawn(process.execPath, [launch], { stdio: ['ignore', fd, fd], env: envOf(controlPath) });
      if (typeof fd === 'number') closeSync(fd);
      child.stdout?.destroy();
      child.stderr?.destroy();
      const cluster = await running(child, controlPath);
      const { log } = await cluster.status();
      await cluster.flood(100);
      await waitFor(async () => (await cluster.status()).log.dropped >= log.dropped + 100, {
        deadlineMs,
        what: 'the entries to be counted',
      });
      expect((await cluster.status()).workers).toMatchObject([{ state: 'ready', restarts: 0 }]);
      await end(cluster);
    },
    deadlineMs * 3,
  );

  (unshare === undefined || !isRoot ? it.skip : it)(
    'goes on writing to a file when its disk has room again, after a line with the number of lost entries',
    async () => {
      const { path } = cleanup.add(tempDir(), (one) => one.remove());
      const controlPath = join(path, 'control.sock');
      // A file system of half a megabyte, which only this program sees.
      const script = `mount -t tmpfs -o size=512k none ${path}/disk && exec "$0" "$@" >> ${path}/disk/log 2>&1`;
      const args = ['--mount', '--propagation', 'private', '/bin/sh', '-c'];
      mkdirSync(join(path, 'disk'));
      const child = spawn(unshare ?? '', [...args, script, process.execPath, launch], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: envOf(controlPath),
      });
      const cluster = await running(child, controlPath);
      // The file as the supervisor sees it.
      const log = `/proc/${(await cluster.status()).supervisor.pid}/root${path}/disk/log`;
      const dropped = async () => (await cluster.status()).log.dropped;
      await cluster.flood(60);
      await waitFor(async () => (await dropped()) > 5, { deadlineMs, what: 'a full disk' });
      // It is tried again, in vain, and the notice is lost too.
      const before = await dropped();
      await waitFor(
        async () => {
          await cluster.flood(1);
          return (await dropped()) > before + 20;
        },
        { deadlineMs, what: 'further entries to be dropped' },
      );
      expect((await cluster.status()).workers).toMatchObject([{ state: 'ready', restarts: 0 }]);
      truncateSync(log);
      const notice = await waitFor(
        async () => {
          await cluster.flood(1);
          return /(\d+) log entries were dropped/.exec(readFileSync(log, 'utf8'));
        },
        { deadlineMs, what: () => `the notice in a file of ${statSync(log).size} bytes` },
      );
      expect(Number(notice[1])).toBe(await dropped());
      expect(readFileSync(log, 'utf8')).toContain('xxx');
      await end(cluster);
    },
    deadlineMs * 3,
  );
});

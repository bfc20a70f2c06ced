import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, constants, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { askCluster } from '../../dist/tools.js';
import { controller } from './support.js';

/** How long the log is not read while 10 MB/s are written to it. TEST_STALL_SECONDS=60 is the size to bear. */
const stallSeconds = Number(process.env['TEST_STALL_SECONDS'] ?? 3);

const cleanup = createCleanup();
const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));

interface Running {
  readonly pid: number;
  readonly fifo: string;
  readonly controlPath: string;
  readonly exit: () => number | NodeJS.Signals | undefined;
  readonly status: () => Promise<{
    log: { dropped: number };
    workers: { pid: number; state: string; restarts: number }[];
    port: number;
  }>;
}

/** A cluster whose log goes into a named pipe that has a reader which does not read. */
async function start(options: object = {}): Promise<Running & { closeReader: () => void }> {
  const { path } = cleanup.add(tempDir(), (made) => made.remove());
  const fifo = join(path, 'log');
  execFileSync('mkfifo', [fifo]);
  const reading = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(fifo, constants.O_WRONLY);
  const controlPath = join(path, 'control.sock');
  const child = spawn(process.execPath, [launch], {
    stdio: ['ignore', writing, writing],
    env: {
      ...process.env,
      CLUSTER_OPTIONS: JSON.stringify({
        workerController: controller('floods.cjs'),
        port: 0,
        workers: 1,
        stores: 1,
        controlPath,
        authKey: 'a key of thirty-two bytes or more',
        ...options,
      }),
    },
  });
  closeSync(writing);
  cleanup.add(child, () => void child.kill('SIGKILL'));
  const status = () => askCluster(controlPath, 'status', { deadlineMs: 10_000 }) as ReturnType<Running['status']>;
  await waitFor(async () => ((await status()) as { state?: string }).state === 'running', {
    deadlineMs: 60_000,
    what: 'the cluster to run',
  });
  return {
    pid: child.pid ?? 0,
    fifo,
    controlPath,
    status,
    exit: () => child.exitCode ?? child.signalCode ?? undefined,
    closeReader: () => closeSync(reading),
  };
}

async function flood({ status }: Running, writes: number): Promise<void> {
  const { port } = await status();
  const response = await fetch(`http://127.0.0.1:${port}/flood?writes=${writes}`);
  expect(await response.text()).toBe('flooded');
}

function rssMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

// Named pipes, and the memory of another process in a file.
(process.platform === 'linux' ? describe : describe.skip)('a cluster whose log is not read', () => {
  afterEach(() => cleanup.run());

  it('goes on with a bound on its memory, counts what it drops, and says so to a reader that comes back', async () => {
    const running = await start();
    await flood(running, 1_000);
    const before = rssMegabytes(running.pid);
    // 100 MB, of which 4 may wait.
    for (let i = 0; i < 10; i++) await flood(running, 1_000);
    await waitFor(async () => (await running.status()).log.dropped > 1_000, { what: 'entries to be dropped' });
    expect(rssMegabytes(running.pid) - before).toBeLessThan(64);
    const { workers } = await running.status();
    expect(workers).toMatchObject([{ state: 'ready', restarts: 0 }]);
    const reader = cleanup.add(createReadStream(running.fifo, { encoding: 'utf8' }), (one) => void one.destroy());
    let heard = '';
    reader.on('data', (text) => (heard = (heard + String(text)).slice(-2_000_000)));
    await waitFor(() => /"message":"\d+ (log entries|writes of this process) were dropped/.test(heard), {
      what: 'the notice',
    });
    expect(running.exit()).toBeUndefined();
  });

  it(
    'does not grow while its reader stalls under 10 MB/s, and disturbs no client',
    async () => {
      const running = await start();
      const before = rssMegabytes(running.pid);
      let most = before;
      const endsAt = performance.now() + stallSeconds * 1_000;
      let written = 0;
      while (performance.now() < endsAt) {
        const tick = new Promise((resolve) => setTimeout(resolve, 100));
        // A write is 10 KB.
        await Promise.all([flood(running, 100), tick]);
        written += 100;
        most = Math.max(most, rssMegabytes(running.pid));
      }
      expect(most - before).toBeLessThan(32);
      const { log, workers } = await running.status();
      expect(workers).toMatchObject([{ state: 'ready', restarts: 0 }]);
      // 4 MB wait, and some writes are under way.
      if (written > 1_000) expect(log.dropped).toBeGreaterThan(written - 1_000);
    },
    60_000 + stallSeconds * 2_000,
  );

  it('makes the application wait when the option says so, drops nothing, and kills nobody for it', async () => {
    const running = await start({ logOverflow: 'block', logBufferBytes: 65_536 });
    const { port } = await running.status();
    const flooded = fetch(`http://127.0.0.1:${port}/flood?writes=500`).then((response) => response.text());
    const worker = async () => (await running.status()).workers[0] as unknown as { silentMs: number };
    await waitFor(async () => (await worker()).silentMs > 12_000, {
      deadlineMs: 40_000,
      what: 'the worker to wait for longer than a silent worker may live',
    });
    const reader = cleanup.add(createReadStream(running.fifo), (one) => void one.destroy());
    let bytes = 0;
    reader.on('data', (chunk) => (bytes += chunk.length));
    expect(await flooded).toBe('flooded');
    await waitFor(() => bytes > 5_000_000, { what: () => `the whole output, ${bytes} bytes so far` });
    expect(await running.status()).toMatchObject({ log: { dropped: 0 }, workers: [{ state: 'ready', restarts: 0 }] });
  });

  it('outlives its reader, and writes to the next one', async () => {
    const running = await start();
    running.closeReader();
    await flood(running, 10);
    await flood(running, 10);
    await waitFor(async () => (await running.status()).log.dropped > 0, { what: 'entries to be dropped' });
    const reader = cleanup.add(createReadStream(running.fifo, { encoding: 'utf8' }), (one) => void one.destroy());
    let heard = '';
    reader.on('data', (text) => (heard += String(text)));
    await waitFor(
      async () => {
        await flood(running, 1);
        return heard.includes('xxx');
      },
      { what: 'the log in the new reader' },
    );
    expect(heard).toMatch(/\d+ log entries were dropped/);
    expect(running.exit()).toBeUndefined();
  });

  it('ends in order all the same', async () => {
    const running = await start();
    await flood(running, 1_000);
    process.kill(running.pid, 'SIGTERM');
    await waitFor(() => running.exit() !== undefined, { deadlineMs: 20_000, what: 'the end' });
    expect(running.exit()).toBe(0);
  });
});

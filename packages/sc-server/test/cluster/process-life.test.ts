import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, waitFor, withDeadline } from 'sc-testkit';
import { SocketCluster } from '../../dist/index.js';
import { controller, keepingLogger, startCluster } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** The answer to a GET on a connection of its own. */
function ask(port: number, path = '/', agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Every unix socket in the runtime directories of this test's temporary folder. */
const socketFiles = (): string[] =>
  readdirSync(tmpdir(), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sock'));

describe.each([0, 2])('Processes of a cluster with %i balancers', (balancers) => {
  it('leaves clients to the other workers while one stands still', async () => {
    const { cluster, port } = await startCluster({ workerController: controller('page.cjs'), balancers });
    cleanup.add(cluster, (one) => one.close());
    const [stopped, other] = cluster.status().workers.map(({ pid }) => pid) as [number, number];
    process.kill(stopped, 'SIGSTOP');
    cleanup.add(stopped, (pid) => process.kill(pid, 'SIGCONT'));
    const answers = await withDeadline(Promise.all(Array.from({ length: 40 }, () => ask(port))), {
      deadlineMs: 30_000,
      what: 'all to be served',
    });
    expect(new Set(answers)).toEqual(new Set([String(other)]));
    process.kill(stopped, 'SIGCONT');
  });

  it('has one leader, also after a reload and after the leader was killed', async () => {
    const { cluster, port } = await startCluster({ workerController: controller('page.cjs'), balancers });
    cleanup.add(cluster, (one) => one.close());
    const leaders = async (): Promise<Set<number>> => {
      const found = new Set<number>();
      for (let i = 0; i < 12; i++) {
        const { pid, leads } = JSON.parse(await ask(port, '/leader')) as { pid: number; leads: boolean };
        if (leads) found.add(pid);
      }
      return found;
    };
    const [first] = await leaders();
    expect(first).toBe(cluster.status().workers[0]?.pid);
    await cluster.reload();
    const afterReload = await waitFor(async () => [...(await leaders())][0], { what: 'a leader after the reload' });
    expect(afterReload).not.toBe(first);
    process.kill(afterReload, 'SIGKILL');
    const afterCrash = await waitFor(
      async () => [...(await leaders().catch(() => new Set<number>()))].find((pid) => pid !== afterReload),
      { deadlineMs: 30_000, what: 'a leader after the crash' },
    );
    expect(cluster.status().workers.map(({ pid }) => pid)).toContain(afterCrash);
  });

  it('ends with idle connections at once, and with requests under way when they are answered', async () => {
    const { cluster, port } = await startCluster({ workerController: controller('page.cjs'), balancers });
    cleanup.add(cluster, (one) => one.close());
    const agent = cleanup.add(new Agent({ keepAlive: true }), (one) => one.destroy());
    await Promise.all(Array.from({ length: 20 }, () => ask(port, '/', agent)));
    const silent = Array.from({ length: 20 }, () =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    cleanup.add(silent, (all) => all.forEach((socket) => socket.destroy()));
    await waitFor(() => cluster.status().workers.some(({ connections = 0 }) => connections > 0), {
      what: 'the connections to be counted',
    });
    const begun = new Promise<void>((resolve) => cluster.once('workerMessage', () => resolve()));
    const slow = ask(port, '/slow');
    await begun;
    const exits: number[] = [];
    cluster.on('workerExit', ({ code }) => exits.push(code ?? -1));
    const closed = cluster.close();
    expect(await slow).toBe('slow');
    await closed;
    expect(exits).toEqual([0, 0]);
  });
});

describe('A cluster', () => {
  it('removes the socket of a worker that was killed', async () => {
    const { cluster } = await startCluster({ workerController: controller('page.cjs'), balancers: 1 });
    cleanup.add(cluster, (one) => one.close());
    const before = socketFiles().filter((name) => /w\d+-\d+\.sock$/.test(name));
    const pid = cluster.status().workers[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await waitFor(() => cluster.status().workers.filter(({ state }) => state === 'ready').length === 2, {
      deadlineMs: 30_000,
      what: 'the worker to be replaced',
    });
    await waitFor(() => socketFiles().filter((name) => /w\d+-\d+\.sock$/.test(name)).length === before.length, {
      what: 'the socket of the killed worker to be removed',
    });
    expect(before).toHaveLength(2);
  });

  it.each([undefined, 0, 5, 50, 300])(
    'leaves no port open when it is closed %p ms after it was made',
    async (delay) => {
      const port = await freePort();
      const { logger } = keepingLogger();
      const cluster = new SocketCluster({
        workerController: controller('page.cjs'),
        port,
        workers: 1,
        stores: 1,
        logger,
        authKey: 'a key of thirty-two bytes or more',
        appName: 'test',
      });
      if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
      await withDeadline(cluster.close(), { deadlineMs: 30_000, what: 'the cluster to close' });
      await cluster.whenReady().catch(() => undefined);
      expect(await isOpen(port)).toBe(false);
      expect(socketFiles().filter((name) => name.includes('test'))).toEqual([]);
    },
  );
});

import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { findClusters } from '../../dist/tools.js';
import {
  controlSockets,
  createRuntimeDirectory,
  type RuntimeDirectory,
  type RuntimeDirectoryOptions,
} from '../../src/cluster/host/runtime-directory.js';
import { controller, startCluster } from './support.js';

const cleanup = createCleanup();
const uid = process.getuid?.() ?? 0;
let tmp = '';

function create(options: Partial<RuntimeDirectoryOptions> = {}): RuntimeDirectory {
  const none = { runtimeDirectory: undefined, controlPath: undefined, childUser: undefined };
  const given = { ...none, appName: 'test', temporaryFolder: tmp };
  return cleanup.add(createRuntimeDirectory({ ...given, ...options }), (directory) => directory.remove());
}

/** Listens on a path. */
async function listenOn(path: string): Promise<void> {
  const server = cleanup.add(createServer(), (one) => void one.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

/** Leaves a socket file without a listener, as a killed process does. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.first`, resolve));
  renameSync(`${path}.first`, path);
  await new Promise((resolve) => server.close(resolve));
}

// Sockets are no files on Windows.
(process.platform === 'win32' ? describe.skip : describe)('the runtime directory', () => {
  beforeEach(() => {
    tmp = cleanup.add(tempDir(), (made) => made.remove()).path;
  });
  afterEach(() => cleanup.run());

  it('of a killed cluster is removed by the next one, and that of a living one stays, whatever their process ids are', async () => {
    const [dead, living, next] = [create(), create(), create()];
    await leaveDeadSocket(dead.controlPath);
    await leaveDeadSocket(dead.socketPath('s0'));
    await listenOn(living.controlPath);
    await leaveDeadSocket(living.socketPath('w0-0'));
    await next.removeLeftovers();
    const left = readdirSync(join(tmp, `sc-${uid}`)).map((name) => join(tmp, `sc-${uid}`, name));
    expect(left.sort()).toEqual([living.path, living.controlPath, next.path].sort());
  });

  it('stays while any process of its cluster listens, the supervisor or not', async () => {
    const [orphaned, next] = [create(), create()];
    await leaveDeadSocket(orphaned.controlPath);
    await listenOn(orphaned.socketPath('s0'));
    await next.removeLeftovers();
    expect(readdirSync(orphaned.path ?? '')).toEqual(['s0.sock']);
  });

  it.each([
    ['a link', (path: string) => symlinkSync(tmp, path)],
    ['writable by others', (path: string) => mkdirSync(path, { mode: 0o777 })],
    ['a file', (path: string) => writeFileSync(path, '')],
  ])('has another parent when that of the usual name is %s', async (_what, make) => {
    const mask = process.umask(0);
    make(join(tmp, `sc-${uid}`));
    process.umask(mask);
    const [first, second] = [create(), create()];
    expect(first.path).toMatch(new RegExp(`^${tmp}/sc-${uid}-[0-9a-f]{8}/test-[0-9a-f]{12}$`));
    expect(join(first.path ?? '', '..')).toBe(join(second.path ?? '', '..'));
    await listenOn(first.controlPath);
    expect(controlSockets(undefined, tmp)).toEqual([first.controlPath]);
  });

  it('lies in /tmp when the folder of temporary files has too long a path', () => {
    const deep = join(tmp, 'd'.repeat(100));
    mkdirSync(deep);
    const { path } = create({ temporaryFolder: deep });
    expect(path?.startsWith(`/tmp/sc-${uid}`)).toBe(true);
  });

  it('has a shorter name where the name of the application does not fit', () => {
    const limit = process.platform === 'linux' ? 107 : 103;
    const room = limit - `/sc-${uid}//w255-99999.sock`.length - 20;
    const deep = join(tmp, 'd'.repeat(Math.max(1, room - tmp.length - 1)));
    mkdirSync(deep);
    const directory = create({ temporaryFolder: deep, appName: 'a-rather-long-name-of-an-application' });
    const path = directory.socketPath('w255-99999');
    expect(path.startsWith(deep)).toBe(true);
    expect(path.length).toBeLessThanOrEqual(limit);
  });

  it.each(['runtimeDirectory', 'controlPath'])(
    'is refused with path, length and limit when %s is too long',
    (option) => {
      const path = join(tmp, 'd'.repeat(120));
      const message = `\`${option}\` is too long for unix sockets: ${path} has ${path.length} bytes, at most`;
      expect(() => create({ [option]: path })).toThrow(message);
    },
  );

  it('does not follow a link that was put where a folder was', () => {
    const other = join(tmp, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'precious'), '');
    const directory = create();
    symlinkSync(other, join(directory.path ?? '', 'link'));
    directory.remove();
    expect(readdirSync(other)).toEqual(['precious']);
    expect(readdirSync(join(tmp, `sc-${uid}`))).toEqual([]);
  });

  it.each([0, 1])('is made again under a running cluster when it is removed, with %d balancers', async (balancers) => {
    const runtimeDirectory = join(tmp, 'run');
    const controlPath = join(runtimeDirectory, 'control.sock');
    const workerController = controller('store-user.cjs');
    const test = await startCluster({ workerController, workers: 2, balancers, runtimeDirectory, controlPath });
    cleanup.add(test, ({ cluster }) => cluster.close());
    const set = async () => (await fetch(`http://127.0.0.1:${test.port}/`)).text();
    expect(await set()).toBe('set');
    rmSync(runtimeDirectory, { recursive: true, force: true });
    await waitFor(async () => (await findClusters(controlPath)).length === 1, {
      what: 'the control socket to be there again',
      deadlineMs: 60_000,
    });
    const [worker] = test.cluster.status().workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await waitFor(
      () => test.cluster.status().workers.some(({ restarts, state }) => restarts === 1 && state === 'ready'),
      {
        what: 'the worker to run again',
        deadlineMs: 60_000,
      },
    );
    await test.cluster.reload();
    for (let i = 0; i < 6; i++) expect(await set()).toBe('set');
    expect(test.cluster.status().workers.map(({ storesAway }) => storesAway)).toEqual([0, 0]);
  });
});

import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isAlive, tempDir, waitFor } from 'sc-testkit';
import { connectToTwoWorkers, controller, startCluster, type TestCluster } from './support.js';

describe('new SocketCluster', () => {
  let test: TestCluster | undefined;
  afterEach(() => test?.cluster.close());

  it('starts the wanted processes and tells of each', async () => {
    test = await startCluster({ workers: 2, stores: 2, balancers: 1 });
    const status = test.cluster.status();
    expect(status).toMatchObject({
      appName: 'test',
      state: 'running',
      protocol: 'http',
      supervisor: { pid: process.pid },
    });
    const { workers, stores, balancers } = status;
    expect(workers.map(({ id, state }) => [id, state])).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    expect(stores).toHaveLength(2);
    expect(balancers).toHaveLength(1);
    const pids = [...workers, ...stores, ...balancers].map(({ pid }) => pid);
    expect(new Set([...pids, process.pid]).size).toBe(6);
    expect(pids.every((pid) => isAlive(pid))).toBe(true);
  });

  it('leaves no process, socket file or port behind when it is closed', async () => {
    const directory = tempDir();
    test = await startCluster({ balancers: 1, runtimeDirectory: directory.path });
    const { workers, stores, balancers } = test.cluster.status();
    const ours = () => readdirSync(directory.path);
    // The directory of its sockets, and the socket that it is controlled by.
    expect(ours()).toHaveLength(2);
    await test.cluster.close();
    await test.cluster.close();
    expect([...workers, ...stores, ...balancers].filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(ours()).toEqual([]);
    directory.remove();
    await expect(test.connect()).rejects.toThrow();
    expect(test.cluster.status()).toMatchObject({ state: 'closed', workers: [], stores: [], balancers: [] });
  });

  it('serves HTTP and WebSocket on one port', async () => {
    test = await startCluster();
    const response = await fetch(`http://localhost:${test.port}/`);
    expect(await response.json()).toMatchObject({ encrypted: false });
    const socket = await test.connect();
    expect((await socket.call('worker')).data).toMatchObject({ isLeader: expect.any(Boolean) });
    await socket.close();
  });

  it('runs a controller that is an ES module', async () => {
    test = await startCluster({ workerController: controller('module.mjs'), workers: 1 });
    expect(await (await fetch(`http://localhost:${test.port}/`)).text()).toBe('from a module');
  });

  it('delivers publications between workers', async () => {
    test = await startCluster({ stores: 2 });
    const [first, second] = await connectToTwoWorkers(test);
    for (const channel of ['a', 'b', 'c', 'd']) {
      await second.call('#subscribe', { channel });
      await first.call('#publish', { channel, data: { from: channel } });
      expect(await second.next((frame) => frame['event'] === '#publish')).toEqual({
        event: '#publish',
        data: { channel, data: { from: channel } },
      });
    }
    await Promise.all([first.close(), second.close()]);
  });

  it('shares data between workers', async () => {
    test = await startCluster();
    const [first, second] = await connectToTwoWorkers(test);
    expect((await first.call('count', 'x')).data).toBe(1);
    expect((await second.call('count', 'x')).data).toBe(2);
    await Promise.all([first.close(), second.close()]);
  });

  it('accepts on one worker a token that another has signed', async () => {
    test = await startCluster();
    const [first, second] = await connectToTwoWorkers(test);
    await first.call('login', 'ada');
    const frame = await first.next(({ event }) => event === '#setAuthToken');
    const { token } = frame['data'] as { token: string };
    expect((await second.call('#authenticate', token)).data).toEqual({ isAuthenticated: true, authError: null });
    await Promise.all([first.close(), second.close()]);
  });

  it('passes messages between supervisor and workers', async () => {
    test = await startCluster();
    const { cluster } = test;
    const heard: unknown[] = [];
    cluster.on('workerMessage', (id, data) => heard.push([id, data]));
    cluster.sendToWorker(1, { hello: 'you' });
    await waitFor(() => heard.length > 0, { what: 'the answer of worker 1' });
    expect(heard).toEqual([[1, { worker: 1, echoed: { hello: 'you' } }]]);
    expect(() => cluster.sendToWorker(7, 'x')).toThrow('There is no worker 7 now');
  });

  it('keeps secrets out of the arguments and environment of its processes, and out of worker.options', async () => {
    const authKey = 'a-secret-that-nobody-else-would-have';
    test = await startCluster({ authKey });
    const socket = await test.connect();
    expect((await socket.call('environment')).data).not.toContain(authKey);
    await socket.close();
  });

  it('warns when it had to make up an authKey', async () => {
    test = await startCluster({ workers: 1 }, { hasAuthKey: false });
    expect(test.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('No authKey was given'),
    ]);
  });
});

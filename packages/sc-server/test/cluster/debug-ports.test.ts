import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { WebSocket } from 'ws';
import { startCluster } from './support.js';

/** Which process the debugger on a port is for, as the debugger says; `undefined` when nobody listens. */
async function debugged(port: number): Promise<unknown> {
  let targets: readonly { readonly webSocketDebuggerUrl: string }[];
  try {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`);
    targets = (await response.json()) as typeof targets;
  } catch {
    return undefined;
  }
  const webSocket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
  try {
    await once(webSocket, 'open');
    const answer = once(webSocket, 'message');
    webSocket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'process.pid' } }));
    const [data] = (await answer) as [Buffer];
    return (JSON.parse(data.toString()) as { result: { result: { value: unknown } } }).result.result.value;
  } finally {
    webSocket.terminate();
  }
}

/** Ports one after the other that nobody uses; the first of them. */
async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const first = await tryPort(0);
    if (first === undefined || first + count > 65_536) continue;
    const rest = await Promise.all(Array.from({ length: count - 1 }, (_, index) => tryPort(first + 1 + index)));
    if (!rest.includes(undefined)) return first;
  }
  throw new Error(`There are no ${count} free ports one after the other`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => resolve(got));
    });
  });
}

describe('the debug ports', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  it('give each worker and each store a debugger of its own, and one that takes its place the same', async () => {
    const first = await freePorts(4);
    const { cluster } = await startCluster({ stores: 2, workerDebugPort: first, storeDebugPort: first + 2 });
    cleanup.add(cluster, () => cluster.close());
    const pids = ({ workers, stores } = cluster.status()) => [...workers, ...stores].map(({ pid }) => pid);
    const debuggers = () => Promise.all(Array.from({ length: 4 }, (_, index) => debugged(first + index)));
    expect(await debuggers()).toEqual(pids());

    const [before = 0] = pids();
    process.kill(before, 'SIGKILL');
    await waitFor(
      async () => {
        const [now] = await debuggers();
        return now !== before && now === pids()[0];
      },
      { what: 'the debugger of the new worker' },
    );
  });
});

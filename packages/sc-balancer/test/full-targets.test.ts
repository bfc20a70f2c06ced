import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { refuseProxied } from '../src/index.js';
import type { ProxyTarget } from '../src/index.js';
import { servedBy, startBalancer, startHttpTarget, target } from './proxy-support.js';
import { cleanUp, get } from './support.js';

/** A target that can hold no connection. */
async function startFullTarget(id: string): Promise<ProxyTarget & { open: Set<Socket> }> {
  const directory = mkdtempSync(join(tmpdir(), 'sc-balancer-'));
  const socketPath = join(directory, 'target.sock');
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
    refuseProxied(connection);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  cleanUp(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { id, socketPath, open };
}

describe('A balancer whose targets can hold no more', () => {
  it('passes over a full target, without a warning', async () => {
    const warnings: Error[] = [];
    const [full, free] = [await startFullTarget('full'), await startHttpTarget('free')];
    const { balancer, port } = await startBalancer({
      targets: [full, target(free)],
      acknowledged: true,
      onWarning: (warning) => warnings.push(warning),
    });
    expect([await servedBy(port), await servedBy(port), await servedBy(port)]).toEqual(['free', 'free', 'free']);
    expect(warnings).toEqual([]);
    expect(balancer.status()).toMatchObject({ accepted: 3, dropped: 0 });
    expect(full.open.size).toBe(0);
  });

  it('closes a connection at once when every target is full, and serves as soon as there is another one', async () => {
    const warnings: Error[] = [];
    const targets = [await startFullTarget('a'), await startFullTarget('b')];
    const { balancer, port } = await startBalancer({
      targets,
      acknowledged: true,
      waitTimeoutMs: 60_000,
      onWarning: (warning) => warnings.push(warning),
    });
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(warnings).toMatchObject([{ name: 'ResourceLimitError', limit: 'targetConnections' }]);
    expect(balancer.status()).toMatchObject({ waiting: 0, dropped: 1 });
    balancer.addTarget(target(await startHttpTarget('new')));
    expect(await servedBy(port)).toBe('new');
  });
});

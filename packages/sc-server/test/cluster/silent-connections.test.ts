import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, makeCertificate, tempDir, waitFor } from 'sc-testkit';
import { controller, startCluster } from './support.js';

/** Connections in all. TEST_CONNECTIONS=5000 is the size that a server has to bear. */
const connections = Number(process.env['TEST_CONNECTIONS'] ?? 60);
/**
 * Connections opened at once: fewer than the kernel queues on any system. A connection that does not fit into that queue
 * is open for the client only; no deadline of a server could end it.
 */
const wave = 100;
const headersTimeout = 2_000;
const halfARequest = 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Part: ';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Connections of which no request ever comes. `open(n)` opens the nth: its kind decides what it sends, if anything. */
function createSilent(port: number, isSecure: boolean): { sockets: Set<Socket>; open: (n: number) => Promise<void> } {
  const kinds = [
    {},
    { first: halfARequest },
    { first: halfARequest, drip: 'x' },
    ...(isSecure ? [{ isRaw: true }] : []),
  ];
  const sockets = new Set<Socket>();
  const open = async (n: number): Promise<void> => {
    const { first, drip, isRaw } = { first: undefined, drip: undefined, isRaw: false, ...kinds[n % kinds.length] };
    // A raw connection never begins the handshake of TLS.
    const isTls = isSecure && !isRaw;
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket = isTls ? connectTls(options) : connect(options);
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume();
    await once(socket, isTls ? 'secureConnect' : 'connect');
    if (first !== undefined) socket.write(first);
    if (drip === undefined) return;
    const timer = setInterval(() => socket.write(drip), 500);
    socket.on('close', () => clearInterval(timer));
  };
  cleanup.add(sockets, (all) => {
    for (const socket of all) socket.destroy();
  });
  return { sockets, open };
}

describe.each([
  { balancers: 0, protocol: 'http' },
  { balancers: 1, protocol: 'http' },
  { balancers: 0, protocol: 'https' },
  { balancers: 1, protocol: 'https' },
] as const)('Connections without a request, with $balancers balancers and $protocol', ({ balancers, protocol }) => {
  it(
    'are closed at their deadline, and clients are served meanwhile',
    async () => {
      const isSecure = protocol === 'https';
      const { path } = cleanup.add(tempDir(), (one) => one.remove());
      const {
        cluster,
        port,
        connect: connectClient,
      } = await startCluster({
        workerController: controller('page.cjs'),
        balancers,
        protocol,
        headersTimeout,
        ...(isSecure && { protocolOptions: { ...makeCertificate(path), handshakeTimeout: headersTimeout } }),
      });
      cleanup.add(cluster, (one) => one.close());
      const { sockets, open } = createSilent(port, isSecure);
      for (let opened = 0; opened < connections;) {
        const size = Math.min(wave, connections - opened);
        await Promise.all(Array.from({ length: size }, (_, i) => open(opened + i)));
        opened += size;
        // The server has each of them, so every one that stays open is our fault.
        await waitFor(() => cluster.status().supervisor.accepted === opened, {
          what: () => `${opened} connections to be accepted: ${JSON.stringify(cluster.status().supervisor)}`,
        });
      }
      const client = await connectClient();
      cleanup.add(client, (one) => one.terminate());
      // Node looks for connections that are late once a second.
      await waitFor(() => sockets.size === 0, {
        deadlineMs: 60_000 + connections * 10,
        what: () => `all to be closed; ${sockets.size} of ${connections} are open`,
      });
      await waitFor(() => cluster.status().workers.reduce((sum, { connections: open = 0 }) => sum + open, 0) === 1, {
        what: () => `the client alone to be left: ${JSON.stringify(cluster.status())}`,
      });
      const again = await connectClient();
      cleanup.add(again, (one) => one.terminate());
      expect(cluster.status().workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
    },
    120_000 + connections * 40,
  );
});

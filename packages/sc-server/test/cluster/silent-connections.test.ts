import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, makeCertificate, tempDir, waitFor } from 'sc-testkit';
import { controller, startCluster } from './support.js';

/** Connections in all. TEST_CONNECTIONS=5000 is the size that a server has to bear. */
const connections = Number(process.env['TEST_CONNECTIONS'] ?? 60);
const headersTimeout = 2_000;
const halfARequest = 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Part: ';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Opens connections of which no request ever comes; each kind says what it sends, if anything, and whether again and again. */
function openSilent(port: number, isSecure: boolean): { sockets: Set<Socket>; opened: Promise<unknown> } {
  const kinds = [
    {},
    { first: halfARequest },
    { first: halfARequest, drip: 'x' },
    ...(isSecure ? [{ isRaw: true }] : []),
  ];
  const sockets = new Set<Socket>();
  const opened = Array.from({ length: connections }, async (_, i) => {
    const { first, drip, isRaw } = { first: undefined, drip: undefined, isRaw: false, ...kinds[i % kinds.length] };
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
  });
  cleanup.add(sockets, (all) => {
    for (const socket of all) socket.destroy();
  });
  return { sockets, opened: Promise.all(opened) };
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
      const { sockets, opened } = openSilent(port, isSecure);
      await opened;
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

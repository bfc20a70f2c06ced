import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, makeCertificate, requiredTool, startProcess, tempDir, waitFor } from 'sc-testkit';
import type { Certificate, StartedProcess } from 'sc-testkit';

const cleanup = createCleanup();
const isPossible = requiredTool('openssl', { for: 'the example with TLS' }) !== undefined;

(isPossible ? describe : describe.skip)('TLS with several balancers', () => {
  let directory: string;
  let first: Certificate;
  let server: StartedProcess;
  let port: number;

  beforeAll(async () => {
    directory = cleanup.add(tempDir(), (created) => created.remove()).path;
    first = makeCertificate(directory);
    server = await startProcess(fileURLToPath(new URL('../server.js', import.meta.url)), {
      env: { PORT: '0', TLS_KEY_FILE: first.keyFile, TLS_CERT_FILE: first.certFile },
      readyLine: /^Open https/m,
    });
    cleanup.add(server, (started) => started.stop());
    port = Number(/localhost:(\d+)/.exec(server.output())?.[1]);
  });
  afterAll(() => cleanup.run());

  const open = (ca: string) =>
    cleanup.add(connect({ hostname: 'localhost', port, secure: true, wsOptions: { ca } }), (socket) =>
      socket.disconnect(),
    );
  const fingerprint = () =>
    new Promise<string>((resolve, reject) => {
      const connection = connectTls({ port, host: 'localhost', rejectUnauthorized: false }, () => {
        resolve(connection.getPeerCertificate().fingerprint256);
        connection.destroy();
      });
      connection.once('error', reject);
    });

  it('serves clients, and workers see where they come from', async () => {
    const { address } = (await open(first.cert).invoke('where', undefined)) as { address: string };
    expect(address).toMatch(/^(::1|(::ffff:)?127\.0\.0\.1)$/);
  });

  it('takes a new certificate on SIGHUP, while an open socket stays', async () => {
    const socket = open(first.cert);
    let disconnections = 0;
    socket.on('disconnect', () => {
      disconnections++;
    });
    await socket.invoke('where', undefined);
    const before = await fingerprint();

    mkdirSync(join(directory, 'new'));
    const second = makeCertificate(join(directory, 'new'));
    copyFileSync(second.keyFile, first.keyFile);
    copyFileSync(second.certFile, first.certFile);
    server.kill('SIGHUP');
    await waitFor(async () => (await fingerprint()) !== before, { what: 'the new certificate' });

    await expect(open(second.cert).invoke('where', undefined)).resolves.toBeTruthy();
    await expect(socket.invoke('where', undefined)).resolves.toBeTruthy();
    expect(disconnections).toBe(0);
  });
});

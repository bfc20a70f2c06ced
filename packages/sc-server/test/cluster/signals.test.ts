import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createCleanup,
  isAlive,
  makeCertificate,
  rawSocket,
  startProcess,
  tempDir,
  waitFor,
  type Certificate,
  type StartedProcess,
} from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { controller } from './support.js';

const cleanup = createCleanup();

async function launch(
  options: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<{ started: StartedProcess; status: ClusterStatus; children: number[] }> {
  const started = await startProcess(fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url)), {
    env: {
      ...env,
      CLUSTER_OPTIONS: JSON.stringify({
        workerController: controller('worker.cjs'),
        port: 0,
        workers: 2,
        stores: 1,
        balancers: 1,
        appName: 'signals',
        authKey: 'a key of thirty-two bytes or more',
        ...options,
      }),
    },
  });
  cleanup.add(started, (process) => process.stop());
  const status = started.ready as ClusterStatus;
  const children = [...status.workers, ...status.stores, ...status.balancers].map(({ pid }) => pid);
  return { started, status, children };
}

/** Of the certificate that a new client is shown. */
async function peerFingerprint(port: number): Promise<string> {
  const connection = connect({ port, host: 'localhost', rejectUnauthorized: false });
  try {
    await once(connection, 'secureConnect');
    return connection.getPeerCertificate().fingerprint256;
  } finally {
    connection.destroy();
  }
}

describe('the process of a cluster', () => {
  afterEach(() => cleanup.run());

  it.each(['SIGTERM', 'SIGINT'] as const)('closes the cluster and ends with 0 on %s', async (signal) => {
    const { started, children } = await launch();
    started.kill(signal);
    expect(await started.exited).toMatchObject({ code: 0 });
    expect(children.filter((pid) => isAlive(pid))).toEqual([]);
  });

  it('sends its clients away over drainTime on SIGTERM, and ends at once on a second one', async () => {
    const { started, status, children } = await launch({ workers: 1, drainTime: 3_600_000 });
    const open = async () => {
      const socket = await rawSocket(`ws://localhost:${status.port}/socketcluster/`);
      await socket.handshake();
      return socket;
    };
    const first = await open();
    const second = await open();
    started.kill('SIGTERM');
    expect(await first.closed).toMatchObject({ code: 1001 });
    expect((await second.call('worker')).data).toMatchObject({ id: 0 });
    started.kill('SIGTERM');
    expect(await started.exited).toMatchObject({ code: 1 });
    await second.closed;
    await waitFor(() => !children.some((pid) => isAlive(pid)), { what: 'the end of the processes' });
  });

  it('replaces its workers on SIGUSR2', async () => {
    const { started, status } = await launch();
    const before = status.workers.map(({ pid }) => pid);
    started.kill('SIGUSR2');
    const starts = () => started.output().match(/STARTED .*/g) ?? [];
    await waitFor(() => starts().length === 4, { what: () => `two more workers; ${started.output()}` });
    await waitFor(() => !before.some((pid) => isAlive(pid)), { what: 'the old workers to end' });
    expect(isAlive(status.supervisor.pid)).toBe(true);
  });

  it('reloads once more on a SIGUSR2 during a reload, and ignores one while it closes', async () => {
    const { started, status, children } = await launch({ workers: 1, balancers: 0 });
    started.kill('SIGUSR2');
    await started.outputMatch(/Reloading workers/);
    started.kill('SIGUSR2');
    const starts = () => started.output().match(/STARTED .*/g) ?? [];
    await waitFor(() => starts().length === 3, { what: () => `two reloads; ${started.output()}` });
    await waitFor(() => (started.output().match(/Reload complete/g) ?? []).length === 2, {
      what: () => `the end of both; ${started.output()}`,
    });
    started.kill('SIGTERM');
    started.kill('SIGUSR2');
    expect(await started.exited).toMatchObject({ code: 0 });
    expect([status.supervisor.pid, ...children].filter((pid) => isAlive(pid))).toEqual([]);
  });

  it('ignores SIGUSR2 while it starts, with a warning', async () => {
    const launching = launch({}, { SIGNAL_AT_START: 'SIGUSR2' });
    const { started, status } = await launching;
    expect(started.output()).toMatch(/SIGUSR2 was ignored: A cluster that is starting cannot be reloaded/);
    expect(status.workers).toHaveLength(2);
  });

  it('takes a new certificate on SIGHUP, and goes on with the old one when the new one cannot be used', async () => {
    const directory = cleanup.add(tempDir(), (made) => made.remove());
    const [first, second] = [makeCertificate(directory.path), makeCertificate(directory.path)];
    const [keyFile, certFile] = [join(directory.path, 'the-key'), join(directory.path, 'the-certificate')];
    const write = ({ key, cert }: Certificate) => {
      writeFileSync(keyFile, key);
      writeFileSync(certFile, cert);
    };
    write(first);
    const { started, status } = await launch(
      { protocol: 'https' },
      { SC_PROTOCOL_OPTIONS_KEY_FILE: keyFile, SC_PROTOCOL_OPTIONS_CERT_FILE: certFile },
    );
    const serves = async ({ cert }: Certificate) =>
      (await peerFingerprint(status.port ?? 0)) === new X509Certificate(cert).fingerprint256;
    expect(await serves(first)).toBe(true);
    write(second);
    started.kill('SIGHUP');
    await waitFor(() => serves(second), { what: () => `the new certificate; ${started.output()}` });
    writeFileSync(certFile, 'nothing of use');
    started.kill('SIGHUP');
    await started.outputMatch(/The new certificate cannot be used/);
    expect(await serves(second)).toBe(true);
  });

  it('leaves no process behind when it is killed, and can be started again at once', async () => {
    const first = await launch();
    first.started.kill('SIGKILL');
    await first.started.exited;
    const second = await launch({ port: first.status.port });
    expect(second.status.port).toBe(first.status.port);
    await waitFor(() => !first.children.some((pid) => isAlive(pid)), { what: 'the orphans to end' });
  });

  it('gives one clear error and exit code 1 for a wrong option, with no stack of ours', async () => {
    const wrong = launch({ wrokers: 3 });
    await expect(wrong).rejects.toThrow(/`wrokers` is not an option of SocketCluster; did you mean `workers`\?/);
  });
});

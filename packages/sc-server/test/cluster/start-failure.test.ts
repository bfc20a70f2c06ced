import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeCertificate, runProcess, tempDir } from 'sc-testkit';
import { SocketCluster } from '../../dist/index.js';
import { controller, keepingLogger, type LoggedEntry } from './support.js';

describe('a cluster that cannot start', () => {
  const exitCode = process.exitCode;
  afterEach(() => {
    process.exitCode = exitCode;
  });

  /** Tries to start, and returns what was logged as errors. Everything must be gone afterwards. */
  async function fail(options: { workerController: string; port?: number }): Promise<LoggedEntry[]> {
    const { logger, log } = keepingLogger();
    const cluster = new SocketCluster({ workers: 2, stores: 1, port: 0, appName: 'failing', logger, ...options });
    const failures: Error[] = [];
    cluster.on('fail', (error) => failures.push(error));
    await expect(cluster.whenReady()).rejects.toMatchObject({ name: 'StartError', code: 'SC_START' });
    expect(cluster.status()).toMatchObject({ state: 'closed', workers: [], stores: [], balancers: [] });
    expect(failures).toHaveLength(1);
    expect(process.exitCode).toBe(1);
    return log.filter(({ level }) => level === 'error' || level === 'warn');
  }

  it('says that its port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    const entries = await fail({ workerController: controller('worker.cjs'), port });
    expect(entries.map(({ message }) => message)).toEqual([
      `The cluster could not listen on port ${port}: it is in use already`,
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['missing.cjs', /^The cluster could not start: The worker controller .*missing\.cjs does not exist$/],
    [
      'no-run.cjs',
      /^The cluster could not start: The worker controller .*no-run\.cjs must export a function named run$/,
    ],
    ['throws.cjs', /^The cluster could not start: Error: the database is not there \(.*throws\.cjs:2\)$/],
    ['syntax-error.cjs', /^The cluster could not start: SyntaxError: Unexpected token ';' \(.*syntax-error\.cjs:2\)$/],
    ['syntax-error.mjs', /^The cluster could not start: SyntaxError: Unexpected token ';' \(.*syntax-error\.mjs:2\)$/],
    [
      'imports-syntax-error.mjs',
      /^The cluster could not start: SyntaxError: Unexpected token ';' \(.*\/syntax-error\.mjs:2\)$/,
    ],
  ])('says what is wrong with %s', async (name, message) => {
    const entries = await fail({ workerController: controller(name) });
    expect(entries).toEqual([expect.objectContaining({ level: 'error', message: expect.stringMatching(message) })]);
  });

  it('ends its process with 1, by itself, after that one entry', async () => {
    const launcher = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
    const options = { workers: 2, stores: 1, port: 0, appName: 'failing', workerController: controller('throws.cjs') };
    const { code, stdout, stderr } = await runProcess(launcher, { env: { CLUSTER_OPTIONS: JSON.stringify(options) } });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      role: 'supervisor',
      message: expect.stringMatching(/the database is not there \(.*throws\.cjs:2\)$/),
    });
  });

  it('says that its key cannot be read', () => {
    const start = (protocolOptions: object) => {
      try {
        return new SocketCluster({
          workerController: controller('worker.cjs'),
          port: 0,
          protocol: 'https',
          protocolOptions,
        });
      } catch (error) {
        return error;
      }
    };
    expect(start({ key: 'no key', cert: 'no certificate' })).toMatchObject({
      code: 'SC_INVALID_OPTIONS',
      message: expect.stringMatching(/^`protocolOptions` cannot be used: /),
    });
    const directory = tempDir();
    const { key, cert } = makeCertificate(directory.path, { passphrase: 'passphase4privkey' });
    directory.remove();
    // The stack begins where the user's file calls us.
    expect(start({ key, cert, passphrase: 'another' })).toMatchObject({
      code: 'SC_INVALID_OPTIONS',
      message: expect.stringMatching(/^`protocolOptions` cannot be used: .*bad decrypt/),
      stack: expect.stringMatching(/start-failure\.test\.ts:\d+/),
    });
    const file = `${directory.path}/key.pem`;
    expect(start(() => ({ key: readFileSync(file), cert }))).toMatchObject({
      message: `ENOENT: no such file or directory, open '${file}'`,
      stack: expect.stringMatching(/start-failure\.test\.ts:\d+/),
    });
  });
});

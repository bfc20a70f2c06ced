import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificate, tempDir, waitFor, type Certificate, type TempDir } from 'sc-testkit';
import { startCluster, type TestCluster } from './support.js';

/** In full size, which `test:faults` runs, 500. */
const socketCount = process.env['SC_TEST_SIZE'] === 'full' ? 500 : 100;
const both: [string, number][] = [
  ['balancers', 2],
  ['workers', 0],
];

/** Opens a TLS connection; closed when `body` has settled. */
async function withConnection<Result>(
  port: number,
  options: ConnectionOptions,
  body: (connection: TLSSocket) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const connection = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
      const result = body(connection);
      connection.on('close', () => resolve(result)).end();
    });
    connection.on('error', reject);
  });
}

const fingerprint = (port: number, options: ConnectionOptions = {}) =>
  withConnection(port, options, (connection) => connection.getPeerCertificate().fingerprint256);

describe('the TLS of a cluster that runs', () => {
  let test: TestCluster | undefined;
  let directory: TempDir;
  let [first, second]: Certificate[] = [];
  beforeAll(() => {
    directory = tempDir();
    [first, second] = ['first', 'second'].map(() => {
      const other = tempDir();
      const certificate = makeCertificate(other.path);
      other.remove();
      return certificate;
    });
  });
  afterAll(() => directory.remove());
  afterEach(() => test?.cluster.close());

  it.each(both)('resumes sessions in other %s across a rotation of the ticket keys', async (_which, balancers) => {
    const { key, cert } = first!;
    test = await startCluster({
      balancers,
      protocol: 'https',
      protocolOptions: { key, cert },
      ticketKeyLifetime: 6_000,
    });
    const { port } = test;
    const visit = (session?: Buffer) =>
      withConnection(port, { maxVersion: 'TLSv1.2', ...(session && { session }) }, (connection) => ({
        isReused: connection.isSessionReused(),
        // A ticket begins with the name of the key that it is sealed with.
        keyName: connection.getTLSTicket()?.subarray(0, 16).toString('hex'),
        session: connection.getSession(),
      }));
    const before = await visit();
    await waitFor(async () => (await visit()).keyName !== before.keyName, { what: 'a rotation', deadlineMs: 20_000 });
    // Connections go round, so these meet both processes.
    const visits = await Promise.all(Array.from({ length: 4 }, () => visit(before.session)));
    expect(visits.map(({ isReused }) => isReused)).toEqual([true, true, true, true]);
  });

  it.each(both)(
    'replaces the certificate at the %s under many sockets when its file changes',
    async (_which, balancers) => {
      const [keyFile, certFile] = [`${directory.path}/key.pem`, `${directory.path}/cert.pem`];
      const write = ({ key, cert }: Certificate) => {
        writeFileSync(keyFile, key);
        writeFileSync(certFile, cert);
      };
      write(first!);
      test = await startCluster({
        balancers,
        protocol: 'https',
        protocolOptions: () => ({ key: readFileSync(keyFile), cert: readFileSync(certFile) }),
        protocolFiles: [keyFile, certFile],
      });
      const { port, log, connect: open } = test;
      const sockets = [];
      while (sockets.length < socketCount) sockets.push(...(await Promise.all(Array.from({ length: 50 }, open))));
      let closed = 0;
      for (const socket of sockets) void socket.closed.then(() => closed++);
      const before = await fingerprint(port);
      write(second!);
      await waitFor(async () => (await fingerprint(port)) !== before, { what: 'the new certificate' });
      write(first!);
      process.emit('SIGHUP', 'SIGHUP');
      await waitFor(async () => (await fingerprint(port)) === before, { what: 'the old certificate' });
      const answers = await Promise.all(sockets.map((socket) => socket.call('worker')));
      expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(closed).toBe(0);
      expect(log.filter(({ level }) => level === 'error')).toEqual([]);
      await Promise.all(sockets.map((socket) => socket.close()));
    },
    120_000,
  );

  it.each(both)('shows the workers the certificate of a client (TLS at the %s)', async (_which, balancers) => {
    const { key, cert } = first!;
    test = await startCluster({
      balancers,
      protocol: 'https',
      protocolOptions: { key, cert, requestCert: true, rejectUnauthorized: false, ca: second!.cert },
    });
    const { port } = test;
    const ask = (certificate: Partial<Certificate>) =>
      new Promise((resolve, reject) => {
        const options = { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, agent: false };
        get({ ...options, key: certificate.key, cert: certificate.cert }, (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => resolve(JSON.parse(body)));
        }).on('error', reject);
      });
    expect(await ask(second!)).toMatchObject({
      authorized: true,
      subject: { CN: 'localhost' },
      servername: 'localhost',
    });
    expect(await ask({})).toMatchObject({ authorized: false });
  });

  it.each(both)('has certificates by server name at the %s', async (_which, balancers) => {
    const [one, other] = [first!, second!].map(({ key, cert }) => ({ key, cert })) as [Certificate, Certificate];
    test = await startCluster({
      balancers,
      protocol: 'https',
      protocolOptions: { ...one, serverNames: { '*.example.com': other } },
    });
    const { port, cluster } = test;
    const [plain, named] = [await fingerprint(port), await fingerprint(port, { servername: 'www.example.com' })];
    expect(named).not.toBe(plain);
    cluster.setProtocolOptions({ ...other, serverNames: { '*.example.com': one } });
    await waitFor(async () => (await fingerprint(port)) === named, { what: 'the other certificate' });
    await waitFor(async () => (await fingerprint(port, { servername: 'www.example.com' })) === plain, {
      what: 'the other certificate of the name',
    });
  });
});

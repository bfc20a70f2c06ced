import { get } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificate, tempDir, waitFor, type Certificate, type TempDir } from 'sc-testkit';
import { startCluster, type TestCluster } from './support.js';

interface Answer {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly encrypted: boolean;
}

describe('a cluster with https', () => {
  let test: TestCluster | undefined;
  let directory: TempDir;
  let certificate: Certificate;
  beforeAll(() => {
    directory = tempDir();
    certificate = makeCertificate(directory.path, { passphrase: 'passphase4privkey' });
  });
  afterAll(() => directory.remove());
  afterEach(() => test?.cluster.close());

  const start = (balancers: number) => {
    const { key, cert } = certificate;
    return startCluster({
      balancers,
      protocol: 'https',
      protocolOptions: { key, cert, passphrase: 'passphase4privkey' },
    });
  };
  const ask = (port: number) =>
    new Promise<{ answer: Answer; localPort: number | undefined }>((resolve, reject) => {
      const request = get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }, (response) => {
        const { localPort } = response.socket;
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ answer: JSON.parse(body) as Answer, localPort }));
      });
      request.on('error', reject);
    });

  const fingerprint = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        const { fingerprint256 } = socket.getPeerCertificate();
        socket.on('close', () => resolve(fingerprint256)).end();
      });
      socket.on('error', reject);
    });

  it.each([
    ['at the balancers', 1],
    ['at the workers', 0],
  ])('ends TLS %s with an encrypted key, and workers see the client', async (_where, balancers) => {
    test = await start(balancers);
    const { answer, localPort } = await ask(test.port);
    expect(answer.remoteAddress.replace('::ffff:', '')).toBe('127.0.0.1');
    expect(answer.remotePort).toBe(localPort);
    expect(answer.encrypted).toBe(true);
    const socket = await test.connect();
    await socket.call('#subscribe', { channel: 'x' });
    await socket.close();
  });

  it('keeps the key from the workers when balancers have it', async () => {
    test = await start(1);
    const socket = await test.connect();
    const told = (await socket.call('environment')).data as string;
    expect(told).not.toContain('PRIVATE KEY');
    expect(told).not.toContain('passphase4privkey');
    await socket.close();
  });

  it.each([
    ['balancers', 2],
    ['workers', 0],
  ])('resumes a session whichever of the %s it meets', async (_which, balancers) => {
    test = await start(balancers);
    const { port } = test;
    const visit = (session?: Buffer) =>
      new Promise<{ isReused: boolean; session: Buffer }>((resolve, reject) => {
        const options = { port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' as const };
        const socket = connect(session === undefined ? options : { ...options, session }, () => {
          const visited = { isReused: socket.isSessionReused(), session: socket.getSession() ?? Buffer.alloc(0) };
          socket.on('close', () => resolve(visited)).end();
        });
        socket.on('error', reject);
      });
    const { session } = await visit();
    // Connections go round, so some of these meet another process than the first.
    const visits = [];
    for (let count = 0; count < 6; count++) visits.push((await visit(session)).isReused);
    expect(visits).toEqual([true, true, true, true, true, true]);
  });

  it.each([
    ['balancers', 1],
    ['workers', 0],
  ])('uses a new certificate at the %s without dropping a connection', async (_which, balancers) => {
    const { cluster, port, connect: open } = (test = await start(balancers));
    const socket = await open();
    const before = await fingerprint(port);
    const other = tempDir();
    const { key, cert } = makeCertificate(other.path);
    other.remove();
    cluster.setProtocolOptions({ key, cert });
    await waitFor(async () => (await fingerprint(port)) !== before, { what: 'the new certificate' });
    expect((await socket.call('worker')).error).toBeUndefined();
    await socket.close();
  });

  it('refuses a key and certificate that do not belong together, and keeps those it has', async () => {
    const { cluster, port } = (test = await start(1));
    const before = await fingerprint(port);
    const other = tempDir();
    const { key } = makeCertificate(other.path);
    other.remove();
    expect(() => cluster.setProtocolOptions({ key, cert: certificate.cert })).toThrow(
      expect.objectContaining({ code: 'SC_INVALID_OPTIONS', option: 'protocolOptions' }),
    );
    expect(await fingerprint(port)).toBe(before);
  });

  it('refuses TLS 1.1', async () => {
    test = await start(1);
    const { port } = test;
    const tooOld = new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
        () => resolve(socket),
      );
      socket.on('error', reject);
    });
    await expect(tooOld).rejects.toThrow();
  });
});

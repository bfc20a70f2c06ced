import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { ProxyBalancer } from '../src/index.js';
import type { ProxyInfo } from '../src/index.js';
import { createCertificate, toPfx } from './certificate.js';
import { readAll, sayHi, startBalancer, startTarget, target } from './proxy-support.js';
import { cleanUp } from './support.js';

const [first, second, client] = ['first.example', 'second.example', 'Alice'].map((name) => createCertificate(name)) as [
  ReturnType<typeof createCertificate>,
  ReturnType<typeof createCertificate>,
  ReturnType<typeof createCertificate>,
];

async function open(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const connection = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  cleanUp(() => connection.destroy());
  await once(connection, 'secureConnect');
  return connection;
}
const nameOf = (connection: TLSSocket): string | string[] | undefined => connection.getPeerCertificate().subject.CN;

describe('TLS that ends at the balancer', () => {
  it.each([
    [
      'an encrypted key',
      () => ({ ...createCertificate('secret.example', { passphrase: 'geheim' }), passphrase: 'geheim' }),
    ],
    ['a PKCS #12 archive', () => ({ pfx: toPfx(createCertificate('secret.example'), 'geheim'), passphrase: 'geheim' })],
  ])('takes %s', async (_name, options) => {
    const a = await startTarget('a', sayHi);
    const { port } = await startBalancer({ targets: [target(a)], tls: options() });
    const connection = await open(port);
    expect(nameOf(connection)).toBe('secret.example');
    expect(connection.getProtocol()).toBe('TLSv1.3');
    expect(((await once(connection, 'data')) as [Buffer])[0].toString()).toBe('hi');
  });

  it.each([
    ['a wrong passphrase', () => ({ ...createCertificate('x', { passphrase: 'right' }), passphrase: 'wrong' })],
    ['a key of another certificate', () => ({ key: first.key, cert: second.cert })],
    ['text that is no key', () => ({ key: 'x', cert: first.cert })],
  ])('refuses %s at once', (_name, options) => {
    expect(() => new ProxyBalancer({ tls: options() })).toThrow(
      expect.objectContaining({
        name: 'StartError',
        message: expect.stringMatching(/^The TLS key or certificate cannot be used: /),
      }),
    );
  });

  it('offers only forward secrecy and authenticated encryption to TLS 1.2', async () => {
    const { port } = await startBalancer({ tls: first });
    const modern = await open(port, { maxVersion: 'TLSv1.2' });
    expect(modern.getCipher().name).toMatch(/^ECDHE-.*(GCM|POLY1305)/);
    const old = connect({
      port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-SHA',
      rejectUnauthorized: false,
    });
    const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/HANDSHAKE_FAILURE/);
  });

  it('replaces the certificate without dropping a connection', async () => {
    const a = await startTarget('a', (connection) => connection.pipe(connection));
    const { balancer, port } = await startBalancer({ targets: [target(a)], tls: first });
    const connections = await Promise.all(Array.from({ length: 100 }, () => open(port)));
    balancer.setSecureContext(second);
    const fresh = await open(port);
    expect([nameOf(connections[0]!), nameOf(fresh)]).toEqual(['first.example', 'second.example']);
    const answers = connections.map(async (connection, i) => {
      connection.write(`still here ${i}`);
      return String(((await once(connection, 'data')) as [Buffer])[0]);
    });
    expect(await Promise.all(answers)).toEqual(connections.map((_, i) => `still here ${i}`));
  });

  it('keeps the old certificate when the new one cannot be used', async () => {
    const { balancer, port } = await startBalancer({ tls: first });
    expect(() => balancer.setSecureContext({ key: first.key, cert: second.cert })).toThrow('cannot be used');
    expect(nameOf(await open(port))).toBe('first.example');
  });

  it('chooses the certificate by server name', async () => {
    const { balancer, port } = await startBalancer({ tls: first });
    balancer.addServerName('*.second.example', second);
    const names = ['www.second.example', 'other.example'].map(async (servername) =>
      nameOf(await open(port, { servername })),
    );
    expect(await Promise.all(names)).toEqual(['second.example', 'first.example']);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes a session of another balancer with the same ticket keys (%s)',
    async (version) => {
      const a = await startTarget('a', sayHi);
      const tls = { ...first, ticketKeys: randomBytes(48), sessionIdContext: 'cluster' };
      const ports = await Promise.all(
        [1, 2].map(async () => (await startBalancer({ targets: [target(a)], tls })).port),
      );
      const before = connect({ port: ports[0]!, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: version });
      cleanUp(() => before.destroy());
      const [session] = (await once(before, 'session')) as [Buffer];
      expect(before.isSessionReused()).toBe(false);
      const after = await open(ports[1]!, { session, maxVersion: version });
      expect(after.isSessionReused()).toBe(true);
    },
  );

  it('still resumes sessions after the certificate was replaced, and not after the ticket keys were', async () => {
    const a = await startTarget('a', sayHi);
    const { balancer, port } = await startBalancer({ targets: [target(a)], tls: first });
    const before = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    cleanUp(() => before.destroy());
    const [session] = (await once(before, 'session')) as [Buffer];
    balancer.setSecureContext(second);
    expect((await open(port, { session })).isSessionReused()).toBe(true);
    balancer.setTicketKeys(randomBytes(48));
    expect((await open(port, { session })).isSessionReused()).toBe(false);
  });

  it('tells targets the verified certificate of the client, and only a verified one', async () => {
    const infos: ProxyInfo[] = [];
    const shown: unknown[] = [];
    const a = await startTarget('a', (connection, info) => {
      infos.push(info);
      const { authorized, getPeerCertificate } = connection as Socket &
        Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>;
      shown.push([authorized, { ...(getPeerCertificate() as Partial<PeerCertificate>).subject }]);
      connection.end('ok');
    });
    const tls = { ...first, requestCert: true, rejectUnauthorized: false, ca: client.cert };
    const { port } = await startBalancer({ targets: [target(a)], tls });
    for (const certificate of [client, second, {}]) await readAll(await open(port, { ...certificate }));
    expect(infos.map(({ tls: seen }) => [seen?.clientVerified, seen?.clientName])).toEqual([
      [true, 'Alice'],
      [false, undefined],
      [false, undefined],
    ]);
    expect(infos[0]?.tls?.clientCertificate).toEqual(new X509Certificate(client.cert).raw);
    expect(shown).toEqual([
      [true, { CN: 'Alice' }],
      [false, {}],
      [false, {}],
    ]);
  });

  it('tells targets the certificate of a client that resumes its session', async () => {
    const names: (string | undefined)[] = [];
    const a = await startTarget('a', (connection, { tls: seen }) => {
      names.push(seen?.clientName);
      sayHi(connection);
    });
    const tls = { ...first, requestCert: true, ca: client.cert, sessionIdContext: 'x' };
    const { port } = await startBalancer({ targets: [target(a)], tls });
    const before = await open(port, { ...client });
    const [session] = (await once(before, 'session')) as [Buffer];
    const after = await open(port, { ...client, session });
    await once(after, 'data');
    expect([after.isSessionReused(), ...names]).toEqual([true, 'Alice', 'Alice']);
  });

  it('replaces the certificates of server names with the rest', async () => {
    const tls = { ...first, serverNames: { '*.example.com': second } };
    const { balancer, port } = await startBalancer({ tls });
    const names = (): Promise<unknown[]> =>
      Promise.all(
        ['a.example.com', 'a.b.example.com'].map(async (servername) => nameOf(await open(port, { servername }))),
      );
    expect(await names()).toEqual(['second.example', 'first.example']);
    expect(() =>
      balancer.setSecureContext({ ...client, serverNames: { 'a.example.com': { key: first.key, cert: second.cert } } }),
    ).toThrow('cannot be used');
    expect(await names()).toEqual(['second.example', 'first.example']);
    balancer.setSecureContext({ ...second, serverNames: { 'a.example.com': client } });
    expect(await names()).toEqual(['Alice', 'second.example']);
  });

  it('keeps what a change does not name, and asks for client certificates from then on when told to', async () => {
    const answer = async (port: number, options: ConnectionOptions = {}): Promise<string> => {
      const connection = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
      connection.on('error', () => undefined);
      cleanUp(() => connection.destroy());
      return (await readAll(connection).catch(() => Buffer.from('refused'))).toString() || 'refused';
    };
    const a = await startTarget('a', (connection) => connection.end('in'));
    const { balancer, port } = await startBalancer({ targets: [target(a)], tls: first });
    expect(await answer(port)).toBe('in');
    balancer.setSecureContext({ requestCert: true, ca: client.cert });
    expect([await answer(port), await answer(port, { ...client })]).toEqual(['refused', 'in']);
    balancer.setSecureContext(second);
    expect([await answer(port), await answer(port, { ...client })]).toEqual(['refused', 'in']);
    balancer.addServerName('a.example', first);
    balancer.setSecureContext({ rejectUnauthorized: false });
    expect(await answer(port)).toBe('in');
    balancer.setTlsOptions(first);
    expect(nameOf(await open(port, { servername: 'a.example' }))).toBe('first.example');
    expect(nameOf(await open(port))).toBe('first.example');
  });

  it('says so when it was made without TLS', () => {
    const balancer = new ProxyBalancer();
    expect(() => balancer.setSecureContext(first)).toThrow('This balancer was made without the option `tls`');
  });
});

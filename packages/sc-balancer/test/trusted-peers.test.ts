import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeProxyHeader, ProxyBalancer } from '../src/index.js';
import type { ConnectionContext, ProxyInfo } from '../src/index.js';
import { parseProxyHeaderV1 } from '../src/proxy-header/proxy-header-v1.js';
import { createPeerList } from '../src/admission/trusted-peers.js';
import { createCertificate } from './certificate.js';
import { readAll, startBalancer, startTarget, target } from './proxy-support.js';
import { cleanUp, closeOf, get, until } from './support.js';

const info: ProxyInfo = {
  command: 'proxy',
  source: { address: '203.0.113.9', port: 4711 },
  destination: { address: '203.0.113.1', port: 443 },
};
const v1 = Buffer.from('PROXY TCP4 203.0.113.9 203.0.113.1 4711 443\r\n');
const tellInfo = (id: string): ReturnType<typeof startTarget> =>
  startTarget(id, (connection, seen) => connection.end(JSON.stringify(seen)));

describe('Peers in front that may tell who the client is', () => {
  it.each([
    ['version 1', v1],
    ['version 2', encodeProxyHeader(info)],
  ])('are believed in %s', async (_name, header) => {
    const a = await tellInfo('a');
    const { port } = await startBalancer({ targets: [target(a)], trustedPeers: ['127.0.0.0/8'] });
    const client = connect(port, '127.0.0.1');
    for (const byte of header) client.write(Buffer.from([byte]));
    expect(JSON.parse((await readAll(client)).toString())).toEqual(info);
  });

  it('are believed in front of TLS', async () => {
    const a = await tellInfo('a');
    const tls = createCertificate('balancer.example');
    const { port } = await startBalancer({ targets: [target(a)], tls, trustedPeers: ['127.0.0.1'] });
    const raw = connect(port, '127.0.0.1');
    raw.write(v1);
    const client = connectTls({ socket: raw, rejectUnauthorized: false });
    cleanUp(() => client.destroy());
    const seen = JSON.parse((await readAll(client)).toString()) as ProxyInfo;
    expect(seen).toMatchObject({ source: info.source, destination: info.destination, tls: { version: 'TLSv1.3' } });
  });

  it('do not make one client look like another when their connections have the same port', async () => {
    const a = await startTarget('a', (connection, { source }) => connection.end(source?.address ?? ''));
    const tls = createCertificate('balancer.example');
    const balancer = new ProxyBalancer({ rampMs: 0, targets: [target(a)], tls, trustedPeers: ['127.0.0.0/8'] });
    cleanUp(() => balancer.close());
    const { port } = await balancer.listen(0, '0.0.0.0');
    // One peer, one of its ports, two addresses of this host.
    const open = async (host: string, client: string, localPort?: number): Promise<Socket> => {
      const raw = connect({ port, host, localAddress: '127.0.0.1', ...(localPort === undefined ? {} : { localPort }) });
      await once(raw, 'connect');
      raw.write(`PROXY TCP4 ${client} 192.0.2.1 4000 443\r\n`);
      return raw;
    };
    const first = await open('127.0.0.1', '198.51.100.1');
    const second = await open('127.0.0.2', '203.0.113.99', first.localPort);
    await until(() => balancer.status().connections === 2, 'both are there');
    const seen = [second, first].map(async (raw) => {
      const client = connectTls({ socket: raw, rejectUnauthorized: false });
      cleanUp(() => client.destroy());
      return (await readAll(client)).toString();
    });
    expect(await Promise.all(seen)).toEqual(['203.0.113.99', '198.51.100.1']);
  });

  it('are not believed when they are not in the list', async () => {
    const seen: Buffer[] = [];
    const a = await startTarget('a', (connection, { source }) => {
      connection.on('data', (data: Buffer) => seen.push(data));
      connection.write(source!.address);
      connection.on('end', () => connection.end());
    });
    const { port } = await startBalancer({ targets: [target(a)], trustedPeers: ['192.0.2.0/24', '2001:db8::/32'] });
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end(v1);
    expect((await readAll(client)).toString()).toBe('127.0.0.1');
    expect(Buffer.concat(seen)).toEqual(v1);
  });

  it.each([
    ['none', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a broken one', Buffer.from('PROXY TCP4 203.0.113.9\r\n')],
    ['one without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ])('are cut off when they send %s', async (_name, bytes) => {
    const problems: Error[] = [];
    const { port, balancer } = await startBalancer({
      trustedPeers: ['127.0.0.1'],
      onWarning: (error) => problems.push(error),
    });
    const client = connect(port, '127.0.0.1');
    client.write(bytes);
    await closeOf(client);
    expect(problems).toMatchObject([{ name: 'InvalidFrameError' }]);
    expect(balancer.status().connections).toBe(0);
  });

  it('are cut off when the header is late', async () => {
    const problems: Error[] = [];
    const { port } = await startBalancer({
      trustedPeers: ['127.0.0.1'],
      headerTimeoutMs: 30,
      onWarning: (error) => problems.push(error),
    });
    await closeOf(connect(port, '127.0.0.1'));
    expect(problems).toMatchObject([{ name: 'TimeoutError' }]);
  });

  it('are in a list of addresses and networks', () => {
    const isPeer = createPeerList(['192.0.2.1', '10.0.0.0/8', '2001:db8::/32'], 'trustedPeers');
    const answers = [
      '192.0.2.1',
      '192.0.2.2',
      '10.9.8.7',
      '::ffff:10.1.1.1',
      '2001:db8::7',
      '2001:db9::7',
      'x',
      undefined,
    ];
    expect(answers.map(isPeer)).toEqual([true, false, true, true, true, false, false, false]);
    expect(createPeerList([], 'trustedPeers')('127.0.0.1')).toBe(false);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/9',
    '10.0.0.0/0x8',
    '10.0.0.0/08',
    '10.0.0.0/ 8',
    '10.0.0.0/8e0',
    '::/129',
    'example.com',
    '',
    '10.0.0.0/1.5',
  ])('are refused as "%s"', (entry) => {
    expect(() => createPeerList([entry], 'trustedPeers')).toThrow(
      /^`trustedPeers` must be a list of addresses and networks/,
    );
  });
});

describe('A PROXY header of version 1', () => {
  const parse = (line: string): ProxyInfo | undefined => parseProxyHeaderV1(Buffer.from(line));

  it('is read as it was meant', () => {
    expect(parse('PROXY TCP4 192.0.2.1 198.51.100.7 54321 443\r\n')).toEqual({
      command: 'proxy',
      source: { address: '192.0.2.1', port: 54321 },
      destination: { address: '198.51.100.7', port: 443 },
    });
    expect(parse('PROXY TCP6 2001:db8::1 ::1 0 65535\r\n')).toEqual({
      command: 'proxy',
      source: { address: '2001:db8::1', port: 0 },
      destination: { address: '::1', port: 65535 },
    });
    expect(parse('PROXY UNKNOWN\r\n')).toEqual({ command: 'proxy' });
    expect(parse('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n')).toEqual({ command: 'proxy' });
  });

  it.each([
    'PROXY TCP4 192.0.2.1 198.51.100.7 54321 443\n',
    'PROXY TCP4 192.0.2.1 198.51.100.7 54321\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.7 54321 443 1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.7 01 443\r\n',
    'PROXY TCP4 ::1 ::1 1 443\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.7 1 443\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.7 1 443\r\n',
    'proxy UNKNOWN\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
  ])('is refused: %j', (line) => {
    expect(parse(line)).toBeUndefined();
  });

  it('is read or refused, never thrown at, whatever the text', () => {
    const word = fc.constantFrom('PROXY', 'TCP4', 'TCP6', 'UNKNOWN', '1.2.3.4', '::1', '80', '-1', '', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 10 })), { maxLength: 8 }), (words) => {
        const read = parse(`${words.join(' ')}\r\n`);
        expect(['undefined', 'object']).toContain(typeof read);
      }),
    );
  });
});

describe('Connection middleware', () => {
  it('sees the addresses and lets a connection in or not', async () => {
    const contexts: ConnectionContext[] = [];
    const problems: Error[] = [];
    const a = await tellInfo('a');
    const { balancer, port } = await startBalancer({
      targets: [target(a)],
      trustedPeers: ['127.0.0.1'],
      onWarning: (error) => problems.push(error),
    });
    balancer.addMiddleware(async (connection) => void contexts.push(connection));
    balancer.addMiddleware(({ remotePort }) => {
      if (remotePort === 666) throw new Error('not you');
    });
    const talk = async (header: string): Promise<string> => {
      const client = connect(port, '127.0.0.1').on('error', () => undefined);
      client.write(header);
      return (await readAll(client)).toString();
    };
    expect(JSON.parse(await talk('PROXY TCP4 192.0.2.1 198.51.100.7 1 443\r\n'))).toMatchObject({
      source: { port: 1 },
    });
    expect(await talk('PROXY TCP4 192.0.2.1 198.51.100.7 666 443\r\n')).toBe('');
    expect(contexts).toEqual(
      [1, 666].map((remotePort) => ({
        remoteAddress: '192.0.2.1',
        remotePort,
        localAddress: '198.51.100.7',
        localPort: 443,
      })),
    );
    expect(problems).toMatchObject([
      {
        name: 'MiddlewareBlockedError',
        message: 'A connection from 192.0.2.1 was refused',
        line: 'connection',
        cause: { message: 'not you' },
      },
    ]);
  });

  it('that never decides counts as a refusal', async () => {
    const problems: Error[] = [];
    const { balancer, port } = await startBalancer({
      middlewareTimeoutMs: 30,
      onWarning: (error) => problems.push(error),
    });
    balancer.addMiddleware(() => new Promise(() => undefined));
    await expect(get(port)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(problems).toMatchObject([{ cause: { message: 'connection middleware took longer than 30 ms' } }]);
  });
});

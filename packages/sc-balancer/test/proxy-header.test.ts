import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatIpAddress, parseIpAddress } from '../src/admission/ip-address.js';
import { encodeProxyHeader, parseProxyHeader } from '../src/proxy-header/proxy-header.js';
import type { ProxyInfo } from '../src/proxy-header/proxy-header.js';

const signature = '0d0a0d0a000d0a515549540a';
const bytes = (...hex: string[]): Buffer => Buffer.from(hex.join('').replaceAll(' ', ''), 'hex');

const vectors: { name: string; header: Buffer; info: ProxyInfo }[] = [
  {
    name: 'TCP over IPv4',
    header: bytes(signature, '21 11 000c', 'c0000201 c6336407', 'd431 01bb'),
    info: {
      command: 'proxy',
      source: { address: '192.0.2.1', port: 54321 },
      destination: { address: '198.51.100.7', port: 443 },
    },
  },
  {
    name: 'TCP over IPv6',
    header: bytes(
      signature,
      '21 21 0024',
      '20010db8000000000000000000000001',
      '00000000000000000000000000000001',
      '0400 1f40',
    ),
    info: {
      command: 'proxy',
      source: { address: '2001:db8::1', port: 1024 },
      destination: { address: '::1', port: 8000 },
    },
  },
  { name: 'an unknown client', header: bytes(signature, '21 00 0000'), info: { command: 'proxy' } },
  { name: 'a local command', header: bytes(signature, '20 00 0000'), info: { command: 'local' } },
  {
    name: 'TLS with a verified client',
    header: bytes(
      signature,
      '21 11 0044',
      '0a000001 0a000002',
      '0001 0002',
      '02 0004 612e6578',
      '20 002e 07 00000000',
      '21 0007 544c5376312e33',
      '22 0003 426f62',
      '23 0016 544c535f4145535f3132385f47434d5f534841323536',
    ),
    info: {
      command: 'proxy',
      source: { address: '10.0.0.1', port: 1 },
      destination: { address: '10.0.0.2', port: 2 },
      tls: {
        clientVerified: true,
        version: 'TLSv1.3',
        cipher: 'TLS_AES_128_GCM_SHA256',
        clientName: 'Bob',
        serverName: 'a.ex',
      },
    },
  },
  {
    name: 'TLS with the certificate of a verified client',
    header: bytes(
      signature,
      '21 11 002b',
      '0a000001 0a000002',
      '0001 0002',
      // 0x20: a client by TLS, with a certificate, that was verified; in it 0x28, the certificate in DER.
      '20 001c 07 00000000',
      '21 0007 544c5376312e32',
      '22 0001 5a',
      '28 0006 3082 0002 0500',
    ),
    info: {
      command: 'proxy',
      source: { address: '10.0.0.1', port: 1 },
      destination: { address: '10.0.0.2', port: 2 },
      tls: {
        clientVerified: true,
        version: 'TLSv1.2',
        clientName: 'Z',
        clientCertificate: Buffer.from('308200020500', 'hex'),
      },
    },
  },
];

describe('The PROXY header', () => {
  for (const { name, header, info } of vectors) {
    it(`of ${name} is written as the specification says`, () => {
      expect(encodeProxyHeader(info).toString('hex')).toBe(header.toString('hex'));
    });
    it(`of ${name} is read as it was meant`, () => {
      expect(parseProxyHeader(header)).toEqual(info);
    });
  }

  it('skips addresses of a local command, unix addresses and types it does not know', () => {
    expect(parseProxyHeader(bytes(signature, '20 11 000c', 'c0000201 c6336407', 'd431 01bb'))).toEqual({
      command: 'local',
    });
    expect(parseProxyHeader(bytes(signature, '21 31 00d8', '00'.repeat(216)))).toEqual({ command: 'proxy' });
    expect(parseProxyHeader(bytes(signature, '21 00 0007', 'ee 0004 01020304'))).toEqual({ command: 'proxy' });
  });

  it('leaves out a certificate that would make it too long to be read', () => {
    const info = (bytesOfCertificate: number) => {
      const clientCertificate = Buffer.alloc(bytesOfCertificate, 1);
      return parseProxyHeader(
        encodeProxyHeader({ command: 'proxy', tls: { clientVerified: true, clientCertificate } }),
      );
    };
    expect(info(12_288)?.tls?.clientCertificate).toHaveLength(12_288);
    expect(info(12_289)).toEqual({ command: 'proxy', tls: { clientVerified: true } });
  });

  it('says nothing of TLS when the client did not use it', () => {
    expect(parseProxyHeader(bytes(signature, '21 00 0008', '20 0005 00 00000000'))).toEqual({ command: 'proxy' });
  });

  it('does not take an unverified certificate for a verified one', () => {
    const info = parseProxyHeader(bytes(signature, '21 00 0008', '20 0005 03 00000001'));
    expect(info).toEqual({ command: 'proxy', tls: { clientVerified: false } });
  });

  it.each([
    ['another signature', bytes('0d0a0d0a000d0a515549540b', '21 00 0000')],
    ['version 1', bytes(signature, '11 00 0000')],
    ['an unknown command', bytes(signature, '22 00 0000')],
    ['a shorter rest than it tells', bytes(signature, '21 11 000c', 'c0000201')],
    ['a longer rest than it tells', bytes(signature, '21 00 0000', '00')],
    ['addresses that do not fit', bytes(signature, '21 11 0004', 'c0000201')],
    ['a value that goes past the end', bytes(signature, '21 00 0004', '01 0004 00')],
    ['a half type-length-value', bytes(signature, '21 00 0002', '01 00')],
    ['a short TLS value', bytes(signature, '21 00 0004', '20 0001 01')],
    ['a broken value inside the TLS value', bytes(signature, '21 00 000a', '20 0007 01 00000000 2100')],
    ['a length over the limit', bytes(signature, '21 00 1001', '00'.repeat(0x1001))],
    ['nothing', Buffer.alloc(0)],
  ])('is refused with %s', (_name, header) => {
    expect(parseProxyHeader(header)).toBeUndefined();
  });

  it('survives writing and reading for every address, port and text', () => {
    const endpoint = (address: fc.Arbitrary<string>) =>
      fc.record({ address, port: fc.integer({ min: 0, max: 65535 }) });
    const pair = fc
      .constantFrom(fc.ipV4(), fc.ipV6())
      .chain((address) => fc.record({ source: endpoint(address), destination: endpoint(address) }));
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const tls = fc.record(
      { clientVerified: fc.boolean(), version: text, cipher: text, clientName: text, serverName: text },
      { requiredKeys: ['clientVerified'] },
    );
    fc.assert(
      fc.property(pair, fc.option(tls, { nil: undefined }), ({ source, destination }, tlsInfo) => {
        const normal = ({ address, port }: typeof source) => ({
          address: formatIpAddress(parseIpAddress(address)!),
          port,
        });
        const info: ProxyInfo = {
          command: 'proxy',
          source: normal(source),
          destination: normal(destination),
          ...(tlsInfo === undefined ? {} : { tls: tlsInfo }),
        };
        expect(parseProxyHeader(encodeProxyHeader(info))).toEqual(info);
      }),
    );
  });

  it('is read or refused, never thrown at, whatever the bytes', () => {
    const anything = fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.from(rest));
    const almost = fc
      .tuple(fc.constantFrom(0x20, 0x21), fc.constantFrom(0x00, 0x11, 0x21, 0x31), fc.uint8Array({ maxLength: 300 }))
      .map(([command, family, rest]) => {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(rest.length);
        return Buffer.concat([bytes(signature), Buffer.from([command, family]), length, rest]);
      });
    fc.assert(
      fc.property(fc.oneof(anything, almost), (header) => {
        const info = parseProxyHeader(header);
        expect(['undefined', 'object']).toContain(typeof info);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('An address', () => {
  it.each([
    ['127.0.0.1', '7f000001', '127.0.0.1'],
    ['::', '00000000000000000000000000000000', '::'],
    ['::1', '00000000000000000000000000000001', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '00010000000000020000000000000003', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:0', '00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001', 'fe80::1'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ])('%s is the bytes %s and is written %s', (text, hex, written) => {
    expect(parseIpAddress(text)?.toString('hex')).toBe(hex);
    expect(formatIpAddress(Buffer.from(hex, 'hex'))).toBe(written);
  });

  it.each(['', 'localhost', '1.2.3', '1.2.3.256', '::g', '1::2::3'])('"%s" is none', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClientAddress, type TrustProxy } from '../../../src/http/client-address.js';
import { withServer } from '../support.js';

function addressOf(trustProxy: TrustProxy, peer: string | undefined, forwarded?: string): string | undefined {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createClientAddress(trustProxy)({ headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage);
}

describe('the address of a client', () => {
  it.each<[string, TrustProxy, string | undefined, string | undefined, string | undefined]>([
    ['the peer, whatever it says, when nobody is trusted', 0, '9.9.9.9', '1.1.1.1', '9.9.9.9'],
    ['what the one proxy says', 1, '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['what the last proxy says, not what the client made up before', 1, '10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['what the second proxy says', 2, '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['the farthest that is known', 3, '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['the peer when it says nothing', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['the peer when it says rubbish', 1, '10.0.0.1', '1.1.1.1, <script>', '10.0.0.1'],
    ['without port', 1, '10.0.0.1', '1.1.1.1:4711', '1.1.1.1'],
    ['IPv6 without brackets', 1, '::1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['IPv4 without its IPv6 form', 1, '::1', '::ffff:1.1.1.1', '1.1.1.1'],
    ['behind trusted addresses', ['10.0.0.0/8', '127.0.0.1'], '10.1.2.3', '6.6.6.6, 1.1.1.1, 127.0.0.1', '1.1.1.1'],
    ['the peer when its address is not trusted', '10.0.0.0/8', '11.0.0.1', '1.1.1.1', '11.0.0.1'],
    ['behind a trusted IPv4 address in its IPv6 form', '10.0.0.0/8', '::ffff:10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['behind a trusted IPv6 address', 'fd00::/8', 'fd00::1', '1.1.1.1', '1.1.1.1'],
    ['what the local proxy on a unix socket says', 1, undefined, '1.1.1.1', '1.1.1.1'],
  ])('is %s', (_what, trustProxy, peer, forwarded, expected) => {
    expect(addressOf(trustProxy, peer, forwarded)).toBe(expected);
  });

  it.each([-1, 1.5, 33, 'rubbish', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', [''], [7], true, {}])(
    'cannot be told with %j',
    (trustProxy) => {
      expect(() => createClientAddress(trustProxy as never)).toThrow();
    },
  );

  it('is always the peer or one of the addresses that were named', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.ipV4()), fc.nat(5), (rubbish, addresses, count) => {
        const found = addressOf(count, '9.9.9.9', [rubbish, ...addresses].join(','));
        expect(['9.9.9.9', ...addresses, ...rubbish.split(',').map((one) => one.trim())]).toContain(found);
      }),
    );
  });

  it(
    'is the socket’s remoteAddress, also after it is closed',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect({ headers: { 'X-Forwarded-For': '6.6.6.6, 1.2.3.4' } });
        expect(socket.remoteAddress).toBe('1.2.3.4');
        await raw.close();
        expect(socket.remoteAddress).toBe('1.2.3.4');
      },
      { trustProxy: ['127.0.0.0/8'] },
    ),
  );
});

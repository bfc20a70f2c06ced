import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { authKey, startServer, withCleanup, withServer } from '../support.js';
import { claims, hmac, hs256, now, pair, token } from './keys.js';

const rsa = pair('RS256');
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });

const bad: [string, () => unknown][] = [
  ['alg none, without a signature', () => token({ alg: 'none' }, claims(), () => '')],
  ['alg None, with one', () => token({ alg: 'None' }, claims(), hmac(authKey))],
  ['no alg', () => token({}, claims(), hmac(authKey))],
  ['another secret', () => hs256(claims(), 'another key of thirty-two bytes!!')],
  ['the right secret and another hash', () => token({ alg: 'HS512' }, claims(), hmac(authKey, 'sha512'))],
  ['a kid that is a path', () => hs256(claims(), '', { kid: '../../../dev/null' })],
  ['a kid that is an object', () => hs256(claims(), authKey, { kid: {} })],
  ['a strange type', () => hs256(claims(), authKey, { typ: 'logout+jwt' })],
  ['a critical header', () => hs256(claims(), authKey, { crit: ['x'], x: 1 })],
  ['an embedded key', () => rsa.sign(claims(), { jwk: rsa.publicKey.export({ format: 'jwk' }) })],
  ['no exp', () => hs256({ username: 'alice' }, authKey)],
  ['an exp that is text', () => hs256({ ...claims(), exp: '9999999999' }, authKey)],
  ['a life of more than a day', () => hs256({ ...claims(), exp: now() + 90_000 }, authKey)],
  ['an endless life', () => hs256({ ...claims(), exp: 1e308 }, authKey)],
  ['claims that are an array', () => hs256([1], authKey)],
  ['claims that are null', () => hs256(null, authKey)],
  [
    'a changed byte',
    () => hs256(claims(), authKey).replace(/\.[^.](?=[^.]*$)/, (first) => (first === '.A' ? '.B' : '.A')),
  ],
  ['two parts', () => hs256(claims(), authKey).split('.').slice(0, 2).join('.')],
  ['five parts', () => `${hs256(claims(), authKey)}.a.b`],
  ['an encrypted token', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA'],
  ['an object', () => ({ username: 'alice' })],
  ['a number', () => 7],
  ['true', () => true],
  ['an array', () => [hs256(claims(), authKey)]],
  ['the empty text', () => ''],
  ['8193 bytes', () => 'x'.repeat(8193)],
];

const good: [string, () => string][] = [
  ['no kid', () => hs256(claims(), authKey)],
  ['a kid that is not configured, signed by the only key', () => hs256(claims(), authKey, { kid: 'unknown' })],
  ['__proto__ as kid', () => hs256(claims(), authKey, { kid: '__proto__' })],
  ['constructor as kid', () => hs256(claims(), authKey, { kid: 'constructor' })],
  ['the type of RFC 9068', () => hs256(claims(), authKey, { typ: 'at+jwt' })],
  ['the full media type of RFC 9068', () => hs256(claims(), authKey, { typ: 'application/AT+JWT' })],
];

const reasons: [string, () => string, string, 'warn' | 'debug'][] = [
  ['lifetime', () => hs256({ ...claims(), exp: now() + 90_000 }, authKey), 'authMaxExpiryMs', 'warn'],
  ['no-expiry', () => hs256({ username: 'alice' }, authKey), 'exp', 'warn'],
  ['type', () => hs256(claims(), authKey, { typ: 'logout+jwt' }), 'type', 'warn'],
  ['signature', () => hs256(claims(), 'another key of thirty-two bytes!!'), 'signature', 'debug'],
  ['malformed', () => 'rubbish', 'read', 'debug'],
];

describe('a token', () => {
  it.each(good)('with %s counts', async (_what, make) => {
    await withServer(async (server) => {
      const raw = await server.open();
      expect(await raw.handshake(make())).toMatchObject({ isAuthenticated: true });
    })();
  });

  it.each(reasons)('refused for its %s says so to the client and the log', async (reason, make, word, level) => {
    await withServer(async (server) => {
      const raw = await server.open();
      const signed = make();
      const { id, authError } = await raw.handshake(signed);
      expect(authError).toMatchObject({ code: 'SC_AUTH_TOKEN_INVALID', reason });
      expect((authError as Error).message).toContain(word);
      const line = server.log.find(({ message }) => message === 'An auth token was refused');
      expect(line).toMatchObject({ level, details: { socketId: id } });
      expect(JSON.stringify(line)).not.toContain(signed);
    })();
  });

  it(
    'with a kid that is not configured is refused when there are several keys, and the log says why',
    withServer(
      async (server) => {
        const raw = await server.open();
        const status = await raw.handshake(hs256(claims(), authKey, { kid: 'c' }));
        expect(status.authError).toMatchObject({ reason: 'unknown-key' });
        expect(server.log).toContainEqual(expect.objectContaining({ level: 'warn' }));
      },
      { authKeyId: 'a', authVerifyKeys: [{ keyId: 'b', secret: 'x'.repeat(32) }] },
    ),
  );

  it(
    'counts within authClockToleranceMs of its nbf and its exp',
    withServer(
      async (server) => {
        const early = hs256({ ...claims(), nbf: now() + 3 }, authKey);
        const late = hs256({ ...claims(), exp: now() - 3 }, authKey);
        for (const signed of [early, late]) {
          const { raw, socket } = await server.connect({ authToken: signed });
          await raw.call('#unsubscribe', 'nothing');
          expect(socket.authToken).toMatchObject({ username: 'alice' });
        }
        const { socket } = await server.connect({ authToken: hs256({ ...claims(), exp: now() - 60 }, authKey) });
        expect(socket.authToken).toBeNull();
      },
      { authClockToleranceMs: 10_000 },
    ),
  );

  it.each(bad)('with %s is refused; the socket stays open, unauthenticated', async (_what, make) => {
    await withServer(async (server) => {
      const raw = await server.open();
      const status = await raw.handshake(make() as string);
      expect(status).toMatchObject({ isAuthenticated: false, authError: { name: 'AuthTokenInvalidError' } });
      const { error } = await raw.call('#authenticate', make());
      expect(error).toMatchObject({ name: 'AuthTokenInvalidError', isBadToken: true });
      expect(server.scServer.clients[status.id]?.state).toBe('open');
      expect(server.scServer.clients[status.id]?.authToken).toBeNull();
    })();
  });

  it(
    'signed with the public key as if it were a secret is refused',
    withServer(
      async (server) => {
        for (const secret of [publicPem, ` ${publicPem.toString()}`, publicPem.toString().trim()]) {
          const raw = await server.open();
          const forged = token({ alg: 'HS256' }, claims(), hmac(secret));
          expect(await raw.handshake(forged)).toMatchObject({ isAuthenticated: false });
        }
        expect(await (await server.open()).handshake(rsa.sign(claims()))).toMatchObject({ isAuthenticated: true });
      },
      { authPublicKey: rsa.publicKey },
    ),
  );

  it(
    'of a megabyte is too big before the handshake, and refused after it',
    withServer(
      async (server) => {
        const early = await server.open();
        early.sendFrame({ event: '#handshake', cid: 1, data: { authToken: 'x'.repeat(1_000_000) } });
        expect((await early.closed).code).toBe(1009);
        const { raw } = await server.connect();
        expect((await raw.call('#authenticate', 'x'.repeat(1_000_000))).error).toMatchObject({
          name: 'AuthTokenInvalidError',
        });
      },
      { maxPayloadBytes: 2_000_000 },
    ),
  );

  it(
    'that names where its key is causes no request',
    withCleanup(async (cleanup) => {
      let requests = 0;
      const publisher = cleanup.add(
        createServer((_request, response) => {
          requests += 1;
          response.end(JSON.stringify({ keys: [rsa.publicKey.export({ format: 'jwk' })] }));
        }),
        (one) => one.close(),
      );
      await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
      const address = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/`;
      const server = await startServer(cleanup);
      for (const header of [{ jku: address }, { x5u: address }, { jku: address, kid: 'a' }]) {
        const raw = await server.open();
        expect(await raw.handshake(rsa.sign(claims(), header))).toMatchObject({ isAuthenticated: false });
      }
      expect(requests).toBe(0);
    }),
  );

  it(
    'that has expired, or is not valid yet, is refused with the reason',
    withServer(async (server) => {
      const exp = now() - 10;
      expect(await (await server.open()).handshake(hs256({ exp }, authKey))).toMatchObject({
        authError: { name: 'AuthTokenExpiredError', message: 'The auth token has expired', expiry: exp },
      });
      const nbf = now() + 100;
      expect(await (await server.open()).handshake(hs256({ ...claims(), nbf }, authKey))).toMatchObject({
        authError: { name: 'AuthTokenNotBeforeError', message: 'The auth token is not valid yet', date: nbf },
      });
    }),
  );

  it.each([undefined, 'JWT', 'jwt', 'sc+jwt'])('may have the type %s', async (typ) => {
    await withServer(async (server) => {
      const raw = await server.open();
      const signed = hs256(claims(), authKey, typ === undefined ? {} : { typ });
      expect(await raw.handshake(signed)).toMatchObject({ isAuthenticated: true });
    })();
  });
});

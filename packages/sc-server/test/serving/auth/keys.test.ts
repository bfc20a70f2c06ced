import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { SCServerOptions } from '../../../src/server/options.js';
import { SCServer } from '../../../src/server/sc-server.js';
import { authKey, startServer, withCleanup, withServer } from '../support.js';
import { claims, hs256, now, pair } from './keys.js';
import { createServer } from 'node:http';

const rsa = pair('RS256');

function headerOf(signed: string): unknown {
  return JSON.parse(Buffer.from(signed.split('.')[0] ?? '', 'base64url').toString());
}

describe('tokens are signed and verified', () => {
  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const)(
    'with %s, in every form of the key',
    async (algorithm) => {
      const keys = pair(algorithm);
      const forms: Partial<SCServerOptions>[] = [
        { authPrivateKey: keys.privateKey },
        { authPrivateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
        { authPrivateKey: keys.privateKey.export({ format: 'jwk' }) },
      ];
      for (const form of forms) {
        await withCleanup(async (cleanup) => {
          const { scServer } = await startServer(cleanup, {
            authKey: undefined,
            ...form,
            ...(algorithm === 'PS256' && { authAlgorithm: algorithm }),
          } as SCServerOptions);
          const signed = await scServer.signAuthToken({ username: 'alice' });
          expect(headerOf(signed)).toEqual({ alg: algorithm, typ: 'sc+jwt' });
          expect(await scServer.verifyAuthToken(signed)).toMatchObject({ username: 'alice' });
          expect(await scServer.verifyAuthToken(keys.sign(claims()))).toMatchObject({ username: 'alice' });
          await expect(scServer.verifyAuthToken(hs256(claims(), authKey))).rejects.toMatchObject({
            name: 'AuthTokenInvalidError',
          });
        })();
      }
    },
  );

  it.each(['HS256', 'HS384', 'HS512'])('with %s and a secret that is long enough', async (authAlgorithm) => {
    await withServer(
      async ({ scServer }) => {
        const signed = await scServer.signAuthToken({ a: 1 });
        expect(headerOf(signed)).toEqual({ alg: authAlgorithm, typ: 'sc+jwt' });
        expect(await scServer.verifyAuthToken(signed)).toMatchObject({ a: 1 });
      },
      { authAlgorithm, authKey: 'x'.repeat(64) },
    )();
  });

  it(
    'with the algorithm of the key and no other',
    withServer(
      async ({ scServer }) => {
        await expect(scServer.verifyAuthToken(pair('PS256').sign(claims()))).rejects.toThrow('not valid');
        const pss = { ...rsa, sign: rsa.sign };
        await expect(scServer.verifyAuthToken(pss.sign(claims(), { alg: 'RS384' }))).rejects.toThrow('not valid');
      },
      { authPublicKey: rsa.publicKey },
    ),
  );

  it(
    'by several keys, told apart by kid',
    withServer(
      async ({ scServer }) => {
        const signed = await scServer.signAuthToken({ username: 'alice' });
        expect(headerOf(signed)).toEqual({ alg: 'HS256', typ: 'sc+jwt', kid: 'new' });
        for (const good of [
          signed,
          hs256(claims(), 'x'.repeat(32), { kid: 'old' }),
          rsa.sign(claims(), { kid: 'rsa' }),
          // Signed before authKeyId was set.
          hs256(claims(), authKey),
        ]) {
          expect(await scServer.verifyAuthToken(good)).toMatchObject({ username: 'alice' });
        }
        for (const wrong of [
          hs256(claims(), authKey, { kid: 'old' }),
          hs256(claims(), authKey, { kid: 'unknown' }),
          hs256(claims(), 'x'.repeat(32), { kid: 'new' }),
          hs256(claims(), authKey, { kid: 'rsa' }),
        ]) {
          await expect(scServer.verifyAuthToken(wrong)).rejects.toMatchObject({ name: 'AuthTokenInvalidError' });
        }
      },
      {
        authKeyId: 'new',
        authVerifyKeys: [
          { keyId: 'old', secret: 'x'.repeat(32) },
          { keyId: 'rsa', publicKey: rsa.publicKey },
        ],
      },
    ),
  );

  it(
    'with other keys after setAuthKeys; sockets that are authenticated stay so',
    withServer(async (server) => {
      const before = await server.scServer.signAuthToken({ username: 'alice' });
      const { raw, socket } = await server.connect({ authToken: before });
      const next = 'the next key of thirty-two bytes';
      server.scServer.setAuthKeys({ authKey: next, authKeyId: '2', authVerifyKeys: [{ secret: authKey }] });
      const after = await server.scServer.signAuthToken({ username: 'bob' });
      for (const signed of [before, after]) expect(await server.scServer.verifyAuthToken(signed)).toBeDefined();
      server.scServer.setAuthKeys({ authKey: next, authKeyId: '2' });
      await expect(server.scServer.verifyAuthToken(before)).rejects.toThrow('not valid');
      expect(await server.scServer.verifyAuthToken(after)).toMatchObject({ username: 'bob' });
      expect((await raw.call('#unsubscribe', 'x')).error).toBeUndefined();
      expect(socket.authToken).toMatchObject({ username: 'alice' });
      expect(() => server.scServer.setAuthKeys({ authKey: 'short' })).toThrow('must be at least 32 bytes');
    }),
  );

  it(
    'for one issuer and one audience',
    withServer(
      async ({ scServer }) => {
        const signed = await scServer.signAuthToken({ username: 'alice' });
        expect(await scServer.verifyAuthToken(signed)).toMatchObject({ iss: 'us', aud: 'here' });
        for (const wrong of [claims(), { ...claims(), iss: 'us' }, { ...claims(), iss: 'them', aud: 'here' }]) {
          await expect(scServer.verifyAuthToken(hs256(wrong, authKey))).rejects.toThrow('not valid');
        }
        expect(
          await scServer.verifyAuthToken(hs256({ ...claims(), iss: 'us', aud: ['x', 'here'] }, authKey)),
        ).toBeDefined();
      },
      { authIssuer: 'us', authAudience: 'here' },
    ),
  );

  it(
    'by an engine of the application',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect({ authToken: 'alice' });
        expect(socket.authToken).toEqual({ username: 'alice' });
        expect((await raw.call('#authenticate', 'nobody')).error).toMatchObject({ name: 'AuthTokenInvalidError' });
        const isSet = socket.setAuthToken({ username: 'bob' });
        const { data, cid } = await raw.next(({ event }) => event === '#setAuthToken');
        expect(data).toEqual({ token: 'bob' });
        raw.sendFrame({ rid: cid });
        await isSet;
      },
      {
        authEngine: {
          signToken: (one) => (one as { username: string }).username,
          verifyToken: async (signed) => {
            if (signed === 'nobody') throw new Error('secret detail');
            return { username: signed };
          },
        },
      },
    ),
  );
});

describe('the life of a token', () => {
  it(
    'is what was asked for, or a day; never more than authMaxExpiryMs',
    withServer(async ({ scServer }) => {
      const lifeOf = async (token: Promise<string>) => {
        const { exp = 0, iat = 0 } = await scServer.verifyAuthToken(await token);
        return exp - iat;
      };
      expect(await lifeOf(scServer.signAuthToken({}))).toBe(86_400);
      expect(await lifeOf(scServer.signAuthToken({}, { expiresInSeconds: 60 }))).toBe(60);
      expect(await lifeOf(scServer.signAuthToken({}, { expiresIn: 90 }))).toBe(90);
      expect(await lifeOf(scServer.signAuthToken({}, { expiresInMinutes: 2 }))).toBe(120);
      await expect(scServer.signAuthToken({}, { expiresInSeconds: 86_401 })).rejects.toThrow(
        'The life of an auth token must be more than 0 and at most 86400 seconds (see authMaxExpiryMs), got 86401',
      );
      for (const expiresInSeconds of [0, -1, NaN]) {
        await expect(scServer.signAuthToken({}, { expiresInSeconds })).rejects.toMatchObject({
          name: 'InvalidArgumentsError',
        });
      }
      for (const wrong of [null, 'text', [1]]) {
        await expect(scServer.signAuthToken(wrong as never)).rejects.toThrow('must be an object');
      }
    }),
  );

  it(
    'is refused when it is no number, given twice, or beside an option that does not exist',
    withServer(async ({ scServer, connect }) => {
      const { socket } = await connect();
      const refusals: [object, string][] = [
        [{ expiresIn: '1h' }, '`expiresIn` must be a number of seconds, got "1h"'],
        [{ expiresInMinutes: '5' }, '`expiresInMinutes` must be a number of minutes, got "5"'],
        [{ expiresIn: 5, expiresInSeconds: 5 }, 'A token has one lifetime, got `expiresIn` and `expiresInSeconds`'],
        [{ expiresInSecond: 5 }, 'is not an option for signing a token; did you mean `expiresInSeconds`?'],
        [{ algorithm: 'HS256' }, 'is not an option for signing a token: set the option `authAlgorithm` of the server'],
        [{ constructor: 1 }, '`constructor` is not an option for signing a token'],
      ];
      for (const [options, message] of refusals) {
        await expect(scServer.signAuthToken({}, options)).rejects.toThrow(message);
        await expect(socket.setAuthToken({}, options)).rejects.toMatchObject({ name: 'InvalidArgumentsError' });
      }
      expect(socket.authToken).toBeNull();
      for (const options of [{ expiresIn: undefined, expiresInSeconds: 60 }, { expiresIn: null }, {}, null]) {
        await scServer.signAuthToken({}, options as object);
      }
    }),
  );

  it(
    'that cannot be is the caller’s mistake: the socket stays open',
    withServer(async ({ connect }) => {
      const { socket } = await connect();
      await expect(socket.setAuthToken({}, { expiresInSeconds: -1 })).rejects.toMatchObject({
        name: 'InvalidArgumentsError',
      });
      expect(socket.state).toBe('open');
    }),
  );
});

describe('keys that cannot be trusted are refused at the start', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it.each<[string, SCServerOptions, string]>([
    ['a short secret', { authKey: 'x'.repeat(31) }, '`authKey` must be at least 32 bytes'],
    ['a PEM as a secret', { authKey: pem }, '`authKey` looks like a PEM'],
    ['a PEM behind white space', { authKey: `\n  ${pem}` }, '`authKey` looks like a PEM'],
    [
      'a JWK as a secret',
      { authKey: JSON.stringify(rsa.publicKey.export({ format: 'jwk' })) },
      '`authKey` looks like a JSON Web Key',
    ],
    [
      'a short secret for HS512',
      { authKey: 'x'.repeat(63), authAlgorithm: 'HS512' },
      '`authKey` must be a key for HS512',
    ],
    [
      'a weak RSA key',
      { authPrivateKey: weak.privateKey },
      '`authPrivateKey` must be an RSA key of at least 2048 bits, got 1024',
    ],
    ['a public key to sign with', { authPrivateKey: pem }, '`authPrivateKey` must be a private key'],
    ['rubbish', { authPublicKey: 'rubbish' }, '`authPublicKey` must be a public key in PEM'],
    [
      'another algorithm than the key’s',
      { authPrivateKey: rsa.privateKey, authAlgorithm: 'ES256' },
      '`authPrivateKey` must be a key for ES256; this one is for RS256',
    ],
    ['an unknown algorithm', { authAlgorithm: 'none' }, '`authAlgorithm` must be one of HS256'],
    ['a plain http key set', { authJwksUrl: 'http://issuer.example/keys' }, '`authJwksUrl` must be an https address'],
    [
      'a verify key that is both',
      { authVerifyKeys: [{ secret: 'x'.repeat(32), publicKey: pem }] },
      'with either secret or publicKey',
    ],
    [
      'an engine that is none',
      { authEngine: {} as never },
      '`authEngine` must have the functions signToken and verifyToken',
    ],
  ])('%s', (_what, options, message) => {
    expect(() => SCServer.attach(createServer(), options)).toThrow(message);
    try {
      SCServer.attach(createServer(), options);
    } catch (error) {
      expect(String(error)).not.toContain('xxxxxxxxxx');
      expect(String(error)).not.toContain('MII');
    }
  });

  it(
    'and a random secret is made, with a warning, only when none was given',
    withCleanup(async (cleanup) => {
      const random = await startServer(cleanup, { authKey: undefined } as never);
      expect(random.log.map(({ message }) => message)).toEqual([
        'No authKey was given: auth tokens are signed with a random key and become invalid when this process ends',
      ]);
      expect(await random.scServer.verifyAuthToken(await random.scServer.signAuthToken({}))).toBeDefined();
      const verifying = await startServer(cleanup, { authKey: undefined, authPublicKey: rsa.publicKey } as never);
      expect(verifying.log).toEqual([]);
      await expect(verifying.scServer.signAuthToken({})).rejects.toThrow('has no key to sign with');
      expect('authKey' in random.scServer.options).toBe(false);
      expect(now()).toBeGreaterThan(0);
    }),
  );
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createCleanup, type Cleanup } from 'sc-testkit';
import { RemoteKeys, type FetchKeys } from '../../../src/auth/remote-keys.js';
import { startServer, withCleanup } from '../support.js';
import { claims, hs256, pair, type Pair } from './keys.js';

const [one, two] = [pair('ES256'), pair('RS256')];
const jwk = ({ publicKey }: Pair, kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid });

async function publisher(
  cleanup: Cleanup,
  answer: () => { status?: number; headers?: Record<string, string>; body: string },
) {
  const state = { requests: 0 };
  const server = cleanup.add(
    createServer((_request, response) => {
      state.requests += 1;
      const { status = 200, headers = {}, body } = answer();
      response.writeHead(status, headers).end(body);
    }),
    (it) => it.close(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` };
}

describe('keys from an address', () => {
  it(
    'verify tokens, are fetched once for many, and never work as secrets',
    withCleanup(async (cleanup) => {
      const oct = { kty: 'oct', kid: 'shared', k: Buffer.from('x'.repeat(32)).toString('base64url') };
      const { state, url } = await publisher(cleanup, () => ({
        body: JSON.stringify({ keys: [jwk(one, '1'), jwk(two, '2'), oct] }),
      }));
      const { scServer } = await startServer(cleanup, { authKey: undefined, authJwksUrl: url } as never);
      const tokens = [
        one.sign(claims(), { kid: '1' }),
        two.sign(claims(), { kid: '2' }),
        one.sign(claims(), { kid: '1' }),
      ];
      for (const claimsOf of await Promise.all(tokens.map((token) => scServer.verifyAuthToken(token)))) {
        expect(claimsOf).toMatchObject({ username: 'alice' });
      }
      for (const wrong of [
        hs256(claims(), 'x'.repeat(32), { kid: 'shared' }),
        two.sign(claims(), { kid: '1' }),
        one.sign(claims(), { kid: '3' }),
      ]) {
        await expect(scServer.verifyAuthToken(wrong)).rejects.toMatchObject({ name: 'AuthTokenInvalidError' });
      }
      expect(state.requests).toBe(1);
    }),
  );

  it.each([
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' }],
    ['an error', { status: 500, body: '{"keys":[]}' }],
    ['no JSON', { body: 'hello' }],
    ['too much', { body: ' '.repeat(300_000) }],
  ])('do not count when the answer is %s', async (_what, answer) => {
    const cleanup = createCleanup();
    try {
      const { url } = await publisher(cleanup, () => answer);
      const server = await startServer(cleanup, { authKey: undefined, authJwksUrl: url } as never);
      await expect(server.scServer.verifyAuthToken(one.sign(claims(), { kid: '1' }))).rejects.toThrow('not valid');
      expect(server.log.map(({ message }) => message)).toEqual(['The keys of auth tokens could not be fetched']);
    } finally {
      await cleanup.run();
    }
  });

  it('are fetched again for a new kid, not more often than every 30 s, and kept while the publisher is away', async () => {
    let now = 0;
    let keys: object[] | undefined = [jwk(one, '1')];
    let requests = 0;
    const fetch: FetchKeys = () => {
      requests += 1;
      return keys === undefined ? Promise.reject(new Error('away')) : Promise.resolve(Response.json({ keys }));
    };
    const quiet = () => undefined;
    const logger = { error: quiet, warn: quiet, info: quiet, debug: quiet };
    const remote = new RemoteKeys({ url: 'https://issuer.example/keys', logger, fetch, now: () => now });
    const find = (kid: string, alg: string) => remote.find({ kid, alg }, { payload: '', signature: '', protected: '' });
    await find('1', 'ES256');
    keys = [jwk(two, '2')];
    await expect(find('2', 'RS256')).rejects.toThrow();
    expect(requests).toBe(1);
    now = 30_000;
    await find('2', 'RS256');
    await expect(find('1', 'ES256')).rejects.toThrow();
    expect(requests).toBe(2);
    keys = undefined;
    now = 1_000_000;
    await find('2', 'RS256');
    expect(requests).toBe(3);
    await find('2', 'RS256');
    now = 1_000_001;
    await find('2', 'RS256');
    expect(requests).toBe(3);
  });
});

import { describe, expect, it } from '@jest/globals';
import { withServer, type TestServer } from '../support.js';

/** A token that counts, of exactly this many bytes. */
async function token({ scServer }: TestServer, bytes: number): Promise<string> {
  // Three bytes of claims are four of the token.
  for (let length = 0; length < bytes; length++) {
    for (const exp of [undefined, Math.floor(Date.now() / 1000) + 1000]) {
      const signed = await scServer.signAuthToken({ username: 'x'.repeat(length), ...(exp && { exp }) });
      if (signed.length === bytes) return signed;
      if (signed.length < bytes - 8)
        length = Math.max(length, Math.floor(((bytes - signed.length - 8) * 3) / 4) + length);
    }
  }
  throw new Error(`No token has ${bytes} bytes`);
}

describe('the size of an auth token', () => {
  it(
    'may be authMaxTokenBytes; one byte more is no token',
    withServer(
      async (server) => {
        const raw = await server.open();
        const most = server.scServer.options.authMaxTokenBytes;
        const longest = await token(server, most);
        expect(await raw.handshake(longest)).toMatchObject({ isAuthenticated: true });
        const { error } = await raw.call('#authenticate', `${longest}x`);
        expect(error).toMatchObject({
          name: 'AuthTokenInvalidError',
          message: `The auth token must be at most ${most} bytes`,
          isBadToken: true,
        });
        expect(server.scServer.stats().limitHits.authTokenBytes).toBe(1);
      },
      { authMaxTokenBytes: 400 },
    ),
  );

  it(
    'is 8 KB by default',
    withServer(async (server) => {
      const { raw } = await server.connect();
      for (const [bytes, message] of [
        [8192, 'The auth token is not valid: it cannot be read'],
        [8193, 'The auth token must be at most 8192 bytes'],
      ] as const) {
        expect((await raw.call('#authenticate', 'x'.repeat(bytes))).error?.message).toBe(message);
      }
      expect(server.scServer.stats().limitHits.authTokenBytes).toBe(1);
    }),
  );
});

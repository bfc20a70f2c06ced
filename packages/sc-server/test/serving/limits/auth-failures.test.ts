import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('failed attempts to authenticate', () => {
  it(
    'may be maxAuthFailures in a row; one more closes with 1008',
    withServer(async (server) => {
      const { raw } = await server.connect();
      for (let i = 0; i < 5; i++) expect((await raw.call('#authenticate', 'bad')).error).toBeDefined();
      raw.emit('#authenticate', 'bad');
      expect(await raw.closed).toEqual({ code: 1008, reason: 'Too many failed attempts to authenticate' });
      expect(server.scServer.stats().limitHits.authFailures).toBe(1);
    }),
  );

  it(
    'are forgotten with a good one',
    withServer(
      async (server) => {
        const { raw } = await server.connect();
        const good = await server.scServer.signAuthToken({ username: 'alice' });
        for (let i = 0; i < 6; i++) {
          expect((await raw.call('#authenticate', 'bad')).error).toBeDefined();
          expect((await raw.call('#authenticate', good)).error).toBeUndefined();
        }
      },
      { maxAuthFailures: 1 },
    ),
  );
});

import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('new connections a second', () => {
  it(
    'may be a burst of five times connectionRate; one more gets 503',
    withServer(
      async (server) => {
        for (let i = 0; i < 5; i++) await server.open();
        await expect(server.open()).rejects.toMatchObject({ statusCode: 503 });
        expect(server.scServer.stats().limitHits.connectionRate).toBe(1);
      },
      { connectionRate: 1 },
    ),
  );
});

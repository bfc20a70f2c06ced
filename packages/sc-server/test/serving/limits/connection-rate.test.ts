import { describe, expect, it } from '@jest/globals';
import { TokenBucket } from '../../../src/limits/token-bucket.js';
import { withServer } from '../support.js';

describe('new connections a second', () => {
  it(
    'may be a burst of five times connectionRate; those beyond get 503, which says when to come back',
    withServer(
      async (server) => {
        const connections: string[] = [];
        let refusal: unknown;
        // On a slow machine a second passes meanwhile, and one more is taken.
        while (refusal === undefined && connections.length < 100) {
          await server.open().then(
            () => connections.push('taken'),
            (error: unknown) => (refusal = error),
          );
        }
        expect(connections.length).toBeGreaterThanOrEqual(5);
        expect(refusal).toMatchObject({ statusCode: 503 });
        expect(server.scServer.stats().limitHits.connectionRate).toBe(1);
      },
      { connectionRate: 1 },
    ),
  );

  it('return with time, one by one', () => {
    let now = 0;
    const connections = new TokenBucket(1, 5, () => now);
    const taken = (attempts: number) =>
      Array.from({ length: attempts }, () => connections.take(1)).filter(Boolean).length;
    expect(taken(6)).toBe(5);
    now = 999;
    expect(taken(1)).toBe(0);
    now = 2_000;
    expect(taken(3)).toBe(2);
  });
});

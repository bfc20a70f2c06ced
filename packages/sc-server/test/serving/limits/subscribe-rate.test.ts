import { describe, expect, it } from '@jest/globals';
import { SubscribeRate } from '../../../src/serving/subscribe-rate.js';
import { TokenBucket } from '../../../src/serving/token-bucket.js';
import { withServer } from '../support.js';

describe('the subscriptions a second of a socket', () => {
  it(
    'may be a burst of twice the channel limit; one more closes with 1008',
    withServer(
      async (server) => {
        const { raw } = await server.connect();
        for (let i = 0; i < 4; i++) {
          expect((await raw.call('#subscribe', `c${i}`)).error).toBeUndefined();
          await raw.call('#unsubscribe', `c${i}`);
        }
        raw.emit('#subscribe', 'one more');
        expect(await raw.closed).toEqual({ code: 1008, reason: 'Too many subscriptions' });
        expect(server.scServer.stats().limitHits.subscribeRate).toBe(1);
      },
      { subscribeRate: 1, socketChannelLimit: 2 },
    ),
  );

  it('return with time', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 5, () => now);
    expect(bucket.take(6)).toBe(false);
    expect(bucket.take(5)).toBe(true);
    expect(bucket.take(1)).toBe(false);
    now = 99;
    expect(bucket.take(1)).toBe(false);
    now = 100;
    expect(bucket.take(1)).toBe(true);
    now = 100_000;
    expect(bucket.take(6)).toBe(false);
    expect(bucket.take(5)).toBe(true);
  });

  it('are not limited with a rate of 0', () => {
    const rate = new SubscribeRate(0, 1);
    expect(rate.spend({}, 1_000_000)).toBe(true);
  });
});

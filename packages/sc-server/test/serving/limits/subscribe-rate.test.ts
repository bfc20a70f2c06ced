import { describe, expect, it } from '@jest/globals';
import { SubscribeRate } from '../../../src/limits/subscribe-rate.js';
import { TokenBucket } from '../../../src/limits/token-bucket.js';
import { withServer } from '../support.js';

describe('the subscriptions a second of a socket', () => {
  it(
    'may be a burst of twice the channel limit; one more closes with 1008',
    withServer(
      async (server) => {
        const [within, beyond] = [await server.connect(), await server.connect()];
        // In one message, so that no time passes between them.
        const subscribe = (length: number) =>
          Array.from({ length }, (_, index) => ({ event: '#subscribe', data: `c${index}`, cid: 10 + index }));
        within.raw.sendFrame(subscribe(4));
        await within.raw.next(({ rid }) => rid === 13);
        expect(within.socket.state).toBe('open');
        beyond.raw.sendFrame(subscribe(5));
        expect(await beyond.raw.closed).toEqual({ code: 1008, reason: 'Too many subscriptions' });
        expect(server.scServer.stats().limitHits.subscribeRate).toBe(1);
      },
      { subscribeRate: 1, socketChannelLimit: 2 },
    ),
  );

  it(
    'count tokens that are presented too',
    withServer(
      async (server) => {
        const [within, beyond] = [await server.connect(), await server.connect()];
        const authToken = await server.scServer.signAuthToken({ username: 'alice' });
        const frames = (channels: string[]) => [
          { event: '#subscribe', data: channels },
          { event: '#authenticate', data: authToken, cid: 10 },
        ];
        within.raw.sendFrame(frames(['a', 'b', 'c']));
        expect((await within.raw.next(({ rid }) => rid === 10))['error']).toBeUndefined();
        beyond.raw.sendFrame(frames(['a', 'b', 'c', 'd']));
        expect(await beyond.raw.closed).toEqual({ code: 1008, reason: 'Too many attempts to authenticate' });
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

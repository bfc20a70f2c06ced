import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { closeCodeRegistry } from 'sc-protocol';
import { nodePlatform } from '../src/node/platform.js';
import { Reconnector, reconnectDelay } from '../src/reconnect.js';

const options = { initialDelay: 200, randomness: 1300, multiplier: 2, maxDelay: 30_000 };

/** A reconnector on a clock that stands still until it is told to move, with a middling random number. */
function still(): { reconnector: Reconnector; delays: number[]; move: (ms: number) => void; connects: () => number } {
  let now = 0;
  let connects = 0;
  const delays: number[] = [];
  let fire: (() => void) | undefined;
  const platform = {
    ...nodePlatform,
    elapsed: () => now,
    random: () => 0.5,
    startTimer: (run: () => void, delayMs: number) => {
      delays.push(delayMs);
      fire = run;
      return () => (fire = undefined);
    },
  };
  const reconnector = new Reconnector(options, platform, () => connects++);
  return {
    reconnector,
    delays,
    move(ms) {
      now += ms;
      const run = fire;
      fire = undefined;
      run?.();
    },
    connects: () => connects,
  };
}

describe('the wait before a reconnect', () => {
  it('brings 2,000 clients that were lost together back with at most 15 % of them in any 100 ms', () => {
    const crowd = Array.from({ length: 2000 }, () => Math.floor(reconnectDelay(0, options, Math.random()) / 100));
    const fullest = Math.max(...crowd.map((bucket) => crowd.filter((other) => other === bucket).length));
    expect(fullest / crowd.length).toBeLessThanOrEqual(0.15);
  });

  it('grows up to its limit', () => {
    expect([0, 1, 2, 3, 4, 20].map((attempt) => reconnectDelay(attempt, options, 0.999))).toStrictEqual([
      1499, 2997, 5995, 11990, 23979, 29974,
    ]);
    expect([0, 1, 20].map((attempt) => reconnectDelay(attempt, options, 0))).toStrictEqual([200, 400, 4000]);
  });

  it('is none when none is wanted, however many attempts there were', () => {
    const eager = { ...options, initialDelay: 0, randomness: 0 };
    expect([0, 1, 2000].map((attempt) => reconnectDelay(attempt, eager, 0.5))).toStrictEqual([0, 0, 0]);
  });

  it('stays within its limits and keeps its share of randomness, for any options', () => {
    const milliseconds = fc.integer({ min: 0, max: 100_000 });
    const any = fc.record({
      initialDelay: milliseconds,
      randomness: milliseconds,
      multiplier: fc.double({ min: 1, max: 100, noNaN: true }),
      maxDelay: milliseconds,
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(any, fc.nat(2000), random, (some, attempt, value) => {
        const delay = reconnectDelay(attempt, some, value);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(some.maxDelay);
        const [least, most] = [reconnectDelay(attempt, some, 0), reconnectDelay(attempt, some, 1)];
        const total = some.initialDelay + some.randomness;
        if (total > 0) expect(most - least).toBeCloseTo((most * some.randomness) / total, -1);
      }),
    );
  });

  it('spreads two thousand clients so that no tenth of a second gets more than 15 percent', () => {
    const buckets = new Map<number, number>();
    for (let client = 0; client < 2000; client++) {
      const bucket = Math.floor(reconnectDelay(0, options, client / 2000) / 100);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    expect(Math.max(...buckets.values())).toBeLessThan(300);
  });

  it('is none after a code that says so, once; then it grows until a connection lasts', () => {
    const { reconnector, delays, move } = still();
    const fail = (lastedMs: number): void => {
      reconnector.opened();
      move(lastedMs);
      reconnector.closed(4000);
      move(0);
    };
    fail(1000);
    fail(10);
    fail(999);
    fail(1000);
    expect(delays).toStrictEqual([0, 1700, 3400, 0]);
  });

  it('is a first one for a client that meets one crash after the other', () => {
    const { reconnector, delays, move } = still();
    for (let crash = 0; crash < 5; crash++) {
      reconnector.opened();
      move(1500);
      reconnector.closed(1006);
      move(0);
    }
    expect(delays).toStrictEqual([850, 850, 850, 850, 850]);
  });

  it('is not none when the connection never opened', () => {
    const { reconnector, delays } = still();
    reconnector.closed(4000);
    expect(delays).toStrictEqual([850]);
  });

  it('does not end after codes that forbid it', () => {
    for (const { code, reconnect } of [...closeCodeRegistry, { code: 4500, reconnect: 'never' }]) {
      const { reconnector, delays } = still();
      reconnector.closed(code);
      expect([code, delays.length]).toStrictEqual([code, reconnect === 'never' ? 0 : 1]);
    }
  });

  it('can be cut short, or given up', () => {
    const { reconnector, connects } = still();
    reconnector.hurry();
    expect(connects()).toBe(0);
    reconnector.closed(1006);
    reconnector.hurry();
    reconnector.hurry();
    expect(connects()).toBe(1);
    reconnector.closed(1006);
    reconnector.cancel();
    reconnector.hurry();
    expect(connects()).toBe(1);
  });
});

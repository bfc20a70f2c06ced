import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelayMs } from '../src/backoff.js';
import type { Backoff } from '../src/backoff.js';
import { countCrash } from '../src/crash-loop.js';
import type { CrashTimes } from '../src/crash-loop.js';
import { createRespawnPolicy } from '../src/respawn-policy.js';
import type { RespawnPolicy } from '../src/respawn-policy.js';
import { describeExit } from '../src/index.js';
import { ask, createPool, nextEvent, nextExit } from './support.js';

/** Without jitter, and every life counts the same. */
const plain = { initialDelayMs: 50, maxDelayMs: 1_000, multiplier: 2, jitter: 0, resetAfterMs: 1_000, shortLifeMs: 0 };

/** The policies of two slots of one pool that are never given up. */
function policiesOfTwo(backoff: Backoff): [RespawnPolicy, RespawnPolicy] {
  const crashing = new Map<object, number>();
  const make = () => createRespawnPolicy(backoff, { maxCrashes: 99, windowMs: 1, minUptimeMs: 0 }, () => 0, crashing);
  return [make(), make()];
}

describe('A crashed member', () => {
  it('is replaced in its slot, and the others notice nothing', async () => {
    const pool = createPool({ count: 2 });
    await pool.start();
    const [first, other] = pool.members;
    const ready = nextEvent(pool, 'ready');
    expect(pool.kill(0, 'SIGKILL')).toBe(true);
    const [successor] = await ready;
    expect(successor).toMatchObject({ id: 0, generation: 1, restarts: 1, state: 'ready' });
    expect(successor.pid).not.toBe(first!.pid);
    expect(await ask(pool, successor, { do: 'echo', value: 1 })).toMatchObject({ id: 0, generation: 1 });
    expect(pool.member(1)).toBe(other);
    expect(other!.state).toBe('ready');
  });

  it('is reported with code, last error and the last lines of its standard error', async () => {
    const pool = createPool({ respawn: false, stderrTailLines: 3 });
    await pool.start();
    const [member] = pool.members;
    const exit = nextExit(pool);
    member!.send({ do: 'print', text: 'one\ntwo\nthree\nfour\n' });
    member!.send({ do: 'throw', text: 'boom' });
    const report = await exit;
    expect(report).toEqual({
      kind: 'crash',
      role: 'worker',
      id: 0,
      generation: 0,
      pid: member!.pid,
      code: 1,
      signal: null,
      reason: 'exited',
      wasReady: true,
      lastError: { name: 'TypeError', message: 'boom' },
      lastStack: expect.stringMatching(/^TypeError: boom\n.*member\.mjs/s),
      stderrTail: ['two', 'three', 'four'],
      uptimeMs: expect.any(Number),
    });
    expect(describeExit(report)).toBe(`worker 0 (pid ${member!.pid}) exited with code 1: TypeError: boom`);
  });

  it.each([
    [
      'a rejection nobody handled',
      { do: 'reject', text: 'left alone' },
      { code: 1, lastError: { name: 'RangeError', message: 'left alone' } },
    ],
    ['an exit nobody asked for', { do: 'exit', code: 0 }, { code: 0, kind: 'crash' }],
  ])('is reported after %s', async (_name, order, expected) => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const exit = nextExit(pool);
    pool.members[0]!.send(order);
    expect(await exit).toMatchObject(expected);
  });

  it('is reported with the signal that ended it', async () => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const exit = nextExit(pool);
    pool.kill(0, 'SIGKILL');
    expect(await exit).toMatchObject({ kind: 'crash', code: null, signal: 'SIGKILL', reason: 'exited' });
    expect(pool.kill(0)).toBe(false);
  });

  it('has delivered its last lines before it is reported', async () => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const lines: string[] = [];
    pool.on('output', (_member, stream, line) => stream === 'stdout' && lines.push(line));
    let seen = -1;
    pool.on('exit', () => (seen = lines.length));
    const exit = nextExit(pool);
    pool.members[0]!.send({ do: 'printAndExit', text: 'a line that is not short\n'.repeat(2_000) });
    await exit;
    expect(seen).toBe(2_000);
  });

  it('has delivered its last message before it is reported', async () => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const order: string[] = [];
    pool.on('message', (_member, message) => order.push(JSON.stringify(message['echo'])));
    pool.on('exit', () => order.push('exit'));
    const exit = nextExit(pool);
    for (let i = 0; i < 100; i++) pool.members[0]!.send({ do: 'echo', value: i });
    pool.members[0]!.send({ do: 'throw', text: 'now' });
    await exit;
    expect(order).toEqual([...Array.from({ length: 100 }, (_, i) => String(i)), 'exit']);
  });

  it('drains when it gets SIGTERM from outside, says so, and is replaced', async () => {
    const pool = createPool();
    await pool.start();
    const draining = nextEvent(pool, 'draining');
    const said = nextEvent(pool, 'message');
    const exit = nextExit(pool);
    const ready = nextEvent(pool, 'ready');
    process.kill(pool.members[0]!.pid!, 'SIGTERM');
    expect((await draining)[0].state).toBe('stopping');
    expect((await said)[1]).toEqual({ stopping: 'signal' });
    expect(await exit).toMatchObject({ kind: 'stop', code: 0, reason: 'drained', forced: false });
    expect((await ready)[0].generation).toBe(1);
  });
});

describe('A slot whose members only crash', () => {
  it('is given up with one clear error, and the others live on', async () => {
    const failing = new Set([1]);
    const pool = createPool({
      count: 2,
      init: (id, generation) => (failing.has(id) && generation > 0 ? { onStart: 'throw' } : {}),
      crashLoop: { maxCrashes: 3, minUptimeMs: 60_000 },
      backoff: { initialDelayMs: 1, jitter: 0 },
    });
    await pool.start();
    let exits = 0;
    pool.on('exit', () => exits++);
    const gaveUp = nextEvent(pool, 'giveUp');
    pool.kill(1, 'SIGKILL');
    const [error, report] = await gaveUp;
    expect(error).toMatchObject({
      name: 'ProcessExitError',
      code: 'SC_PROCESS_EXIT',
      role: 'worker',
      id: 1,
      exitCode: 1,
    });
    expect(error.message).toMatch(
      /^Gave up on worker 1 after 3 crashes within 60000 ms; last: worker 1 \(pid \d+\) exited with code 1: Error: controller is broken$/,
    );
    expect(error.cause).toMatchObject({ message: 'controller is broken' });
    expect(report.generation).toBe(2);
    expect(exits).toBe(3);
    expect(pool.members.map(({ id, state }) => [id, state])).toEqual([[0, 'ready']]);
  });

  it('waits longer after each crash, and briefly again after a long life', () => {
    const policy = createRespawnPolicy(
      { ...plain, maxDelayMs: 300, jitter: 0.5 },
      { maxCrashes: 3, windowMs: 1_000, minUptimeMs: 100 },
      () => 0,
    );
    const lives = [500, 500, 500, 500, 1_000, 500];
    expect(lives.map((uptimeMs, i) => policy.afterCrash({ at: i, uptimeMs }))).toEqual([50, 100, 200, 300, 50, 100]);
    expect(policy.afterDrain()).toBe(50);
    expect([0, 0, 0].map((uptimeMs) => policy.afterCrash({ at: 10, uptimeMs }))).toEqual([200, 300, 'giveUp']);
    policy.reset();
    expect(policy.afterCrash({ at: 10, uptimeMs: 0 })).toBe(50);
  });

  it('waits longer at most while others crash too, until they have lived again', () => {
    const [first, second] = policiesOfTwo({ ...plain, initialDelayMs: 100, multiplier: 10 });
    const waits = (times: readonly number[]) => times.map((at) => first.afterCrash({ at, uptimeMs: 500 }));
    expect(waits([0, 1_000, 2_000])).toEqual([100, 1_000, 1_000]);
    expect(second.afterCrash({ at: 2_000, uptimeMs: 500 })).toBe(100);
    expect(waits([3_000])).toEqual([2_000]);
    // The other one was started again at 2100.
    expect(waits([3_099, 3_100])).toEqual([2_000, 1_000]);
    expect(second.afterCrash({ at: 4_000, uptimeMs: 500 })).toBe(1_000);
    expect(waits([4_000])).toEqual([2_000]);
    second.reset();
    expect(waits([4_000])).toEqual([1_000]);
  });

  it('waits much longer for those that hardly live, and for all of them together', () => {
    const [first, second] = policiesOfTwo({ ...plain, maxDelayMs: 10_000, resetAfterMs: 10_000, shortLifeMs: 2_500 });
    const crash = (policy: RespawnPolicy, at: number, uptimeMs: number) => policy.afterCrash({ at, uptimeMs });
    expect(crash(first, 0, 1_300)).toBe(50);
    expect(crash(first, 1_000, 2_499)).toBe(400);
    expect(crash(first, 2_000, 2_500)).toBe(3_200);
    expect(crash(first, 3_000, 2_500)).toBe(6_400);
    expect(crash(second, 3_000, 1_300)).toBe(50);
    expect(crash(second, 4_000, 1_300)).toBe(800);
    expect(crash(second, 5_000, 1_300)).toBe(6_400);
    expect(crash(second, 6_000, 1_300)).toBe(20_000);
  });

  it('waits up to the limit, with jitter', () => {
    const backoff = { ...plain, jitter: 0.5 };
    const waits = (random: number): number[] => [0, 1, 2, 3, 4, 5, 99].map((n) => backoffDelayMs(backoff, n, random));
    expect(waits(0)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
    expect(waits(1)).toEqual([25, 50, 100, 200, 400, 500, 500]);
  });

  it('counts only young crashes inside the window, whatever the history', () => {
    const loop = { maxCrashes: 3, windowMs: 100, minUptimeMs: 10 };
    const crash = fc.record({ gap: fc.nat(120), uptimeMs: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(crash, { maxLength: 30 }), (crashes) => {
        let at = 0;
        let times: CrashTimes = [];
        const young: number[] = [];
        for (const { gap, uptimeMs } of crashes) {
          at += gap;
          const count = countCrash(loop, times, { at, uptimeMs });
          times = count.times;
          if (uptimeMs < 10) young.push(at);
          const inWindow = young.filter((time) => time > at - 100).length;
          expect(count.opens).toBe(uptimeMs < 10 && inWindow >= 3);
          expect(times.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});

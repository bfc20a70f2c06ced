import { fork } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelayMs, createRespawnPolicy } from '../src/respawn.js';
import type { Backoff, RespawnPolicy } from '../src/respawn.js';
import { describeExit } from '../src/index.js';
import type { ExitReport } from '../src/index.js';
import { ask, createPool, nextEvent, nextExit, until } from './support.js';

/** Without jitter, and every life counts the same. */
const plain = { initialDelayMs: 50, maxDelayMs: 1_000, multiplier: 2, jitter: 0, resetAfterMs: 1_000, shortLifeMs: 0 };

/** The policies of two slots of one pool that are never given up. */
function policiesOfTwo(backoff: Backoff): [RespawnPolicy, RespawnPolicy] {
  const crashing = new Map<object, number>();
  const make = () => createRespawnPolicy(backoff, { maxCrashes: 0, minUptimeMs: 0 }, () => 0, crashing);
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
      servedMs: expect.any(Number),
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
    pool.on('output', (_member, stream, text) => stream === 'stdout' && lines.push(...text.split('\n')));
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
      /^Gave up on worker 1 after 3 crashes in a row; last: worker 1 \(pid \d+\) exited with code 1: Error: controller is broken$/,
    );
    expect(error.cause).toMatchObject({ message: 'controller is broken' });
    expect(report.generation).toBe(2);
    expect(exits).toBe(3);
    expect(pool.members.map(({ id, state }) => [id, state])).toEqual([[0, 'ready']]);
  });

  it('waits longer after each crash, and briefly again after a long life', () => {
    const policy = createRespawnPolicy(
      { ...plain, maxDelayMs: 300, jitter: 0.5 },
      { maxCrashes: 3, minUptimeMs: 100 },
      () => 0,
    );
    const lives = [500, 500, 500, 500, 1_000, 500];
    expect(lives.map((servedMs, i) => policy.afterCrash({ at: i, servedMs }))).toEqual([50, 100, 200, 300, 50, 100]);
    expect(policy.afterDrain()).toBe(50);
    expect([0, 0, 0].map((servedMs) => policy.afterCrash({ at: 10, servedMs }))).toEqual([200, 300, 'giveUp']);
    policy.reset();
    expect(policy.afterCrash({ at: 10, servedMs: 0 })).toBe(50);
  });

  it('waits longer at most while others crash too, until they have lived again', () => {
    const [first, second] = policiesOfTwo({ ...plain, initialDelayMs: 100, multiplier: 10 });
    const waits = (times: readonly number[]) => times.map((at) => first.afterCrash({ at, servedMs: 500 }));
    expect(waits([0, 1_000, 2_000])).toEqual([100, 1_000, 1_000]);
    expect(second.afterCrash({ at: 2_000, servedMs: 500 })).toBe(100);
    expect(waits([3_000])).toEqual([2_000]);
    // The other one was started again at 2100.
    expect(waits([3_099, 3_100])).toEqual([2_000, 1_000]);
    expect(second.afterCrash({ at: 4_000, servedMs: 500 })).toBe(1_000);
    expect(waits([4_000])).toEqual([2_000]);
    second.reset();
    expect(waits([4_000])).toEqual([1_000]);
  });

  it('waits much longer for those that hardly live, and for all of them together', () => {
    const [first, second] = policiesOfTwo({ ...plain, maxDelayMs: 10_000, resetAfterMs: 10_000, shortLifeMs: 2_500 });
    const crash = (policy: RespawnPolicy, at: number, servedMs: number) => policy.afterCrash({ at, servedMs });
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

  it('is given up after so many short lives in a row, whatever lies between them', () => {
    const crash = fc.record({ gap: fc.nat(100_000), servedMs: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(crash, { maxLength: 30 }), (crashes) => {
        const policy = createRespawnPolicy(plain, { maxCrashes: 3, minUptimeMs: 10 }, () => 0);
        let at = 0;
        let row = 0;
        for (const { gap, servedMs } of crashes) {
          at += gap;
          row = servedMs < 10 ? row + 1 : 0;
          expect(policy.afterCrash({ at, servedMs }) === 'giveUp').toBe(row >= 3);
        }
      }),
    );
  });

  it('is given up however long its members take to load', async () => {
    const pool = createPool({
      init: (_id, generation) => (generation > 0 ? { onStart: 'throw', loadMs: 1_200 } : {}),
      crashLoop: { maxCrashes: 3, minUptimeMs: 1_000 },
    });
    await pool.start();
    const reports: ExitReport[] = [];
    pool.on('exit', (report) => reports.push(report));
    const gaveUp = nextEvent(pool, 'giveUp');
    pool.kill(0);
    await gaveUp;
    expect(reports.map(({ servedMs }) => servedMs > 0)).toEqual([true, false, false]);
    expect(Math.min(...reports.slice(1).map(({ uptimeMs }) => uptimeMs))).toBeGreaterThan(1_000);
  });

  it('is not given up because the program to run was away for a while', async () => {
    let isAway = false;
    let refused = 0;
    const pool = createPool({
      crashLoop: { maxCrashes: 2 },
      backoff: { initialDelayMs: 1, maxDelayMs: 5 },
      spawn: ((...given: Parameters<typeof fork>) => {
        if (isAway) refused += 1;
        const [entry, args, options] = given;
        return fork(entry, args, { ...options, ...(isAway && { execPath: '/nonexistent-directory/node' }) });
      }) as typeof fork,
    });
    await pool.start();
    isAway = true;
    const gaveUp: unknown[] = [];
    pool.on('giveUp', (error) => gaveUp.push(error));
    pool.kill(0);
    await until(() => refused > 5, 'the program is away for a while');
    const ready = nextEvent(pool, 'ready');
    isAway = false;
    await ready;
    expect(gaveUp).toEqual([]);
    expect(pool.member(0)).toMatchObject({ state: 'ready' });
  });

  it.each([
    ['crashed', 'SIGKILL', 'was ended by SIGKILL'],
    ['drained', 'SIGTERM', 'exited with code 0'],
  ] as const)('is given up at once when respawning is turned off and it has %s', async (_how, signal, ending) => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const { pid } = pool.member(0)!;
    const gaveUp = nextEvent(pool, 'giveUp');
    pool.kill(0, signal);
    expect((await gaveUp)[0].message).toBe(
      `worker 0 is not replaced, because respawning is turned off; last: worker 0 (pid ${pid}) ${ending}`,
    );
  });
});

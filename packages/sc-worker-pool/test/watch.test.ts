import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { watchHeartbeats } from '../src/heartbeat.js';
import { createPool, nextEvent, nextExit, until } from './support.js';

describe('The watch over members', () => {
  it('replaces a member that does not answer any more', async () => {
    const pool = createPool({ count: 2, heartbeatIntervalMs: 50, heartbeatTimeoutMs: 3_000, termTimeoutMs: 100 });
    await pool.start();
    const other = pool.member(1);
    const warning = nextEvent(pool, 'warning', (error) => error.message.includes('silent'));
    const exit = nextExit(pool);
    const ready = nextEvent(pool, 'ready');
    pool.kill(0, 'SIGSTOP');
    expect((await warning)[0]).toMatchObject({
      name: 'TimeoutError',
      message: expect.stringMatching(/^worker 0 has been silent for \d+ ms$/),
    });
    expect(await exit).toMatchObject({ kind: 'crash', id: 0, reason: 'heartbeat', signal: 'SIGKILL' });
    expect((await ready)[0]).toMatchObject({ id: 0, generation: 1 });
    expect(pool.member(1)).toBe(other);
  });

  it('waits for what members said while the supervisor itself was held up', async () => {
    let now = 0;
    let looks = 0;
    const silences: { silentMs: number; looks: number }[] = [];
    const member = {
      state: 'ready',
      get silentMs() {
        return now;
      },
    };
    const end = watchHeartbeats({
      intervalMs: 5,
      timeoutMs: 100,
      // The first look comes a second late, every other one in time.
      now: () => (now += looks++ === 1 ? 1_000 : 5),
      members: () => [member],
      onSilent: (_member, silentMs) => silences.push({ silentMs, looks }),
    });
    await until(() => silences.length > 0, 'the silence is noticed');
    end();
    expect(silences[0]).toEqual({ silentMs: 1_010, looks: 3 });
  });

  it('warns of a blocked event loop and leaves the member alone', async () => {
    const pool = createPool({ heartbeatIntervalMs: 50, heartbeatTimeoutMs: 10_000, lagWarningMs: 100 });
    await pool.start();
    const member = pool.member(0)!;
    const warning = nextEvent(pool, 'warning');
    member.send({ do: 'spin', ms: 300 });
    expect((await warning)[0].message).toMatch(/^The event loop of worker 0 was blocked for \d+ ms$/);
    expect(member.heartbeat!.lagMs).toBeGreaterThan(100);
    expect(member.state).toBe('ready');
  });

  it('replaces a member that uses too much memory, without a gap', async () => {
    const pool = createPool({ heartbeatIntervalMs: 50, memoryLimitBytes: 1, backoff: { resetAfterMs: 1 } });
    const ready = nextEvent(pool, 'ready', ({ generation }) => generation === 1);
    const warning = nextEvent(pool, 'warning', (error) => error.name === 'ResourceLimitError');
    const draining = nextEvent(pool, 'draining');
    await pool.start();
    expect((await warning)[0].message).toMatch(/^worker 0 uses \d+ bytes of memory, more than 1, and is replaced$/);
    await ready;
    expect((await draining)[0].generation).toBe(0);
    expect(pool.member(0)!.generation).toBe(1);
  });

  // `prlimit` is on every Linux.
  (process.platform === 'linux' ? it : it.skip)('leaves a member alone that can open no file any more', async () => {
    const pool = createPool({ heartbeatIntervalMs: 20, memoryLimitBytes: 0 });
    await pool.start();
    const member = pool.member(0)!;
    await until(() => member.heartbeat !== undefined, 'a heartbeat comes');
    // Fewer than it has open already: asking the system for anything more fails with EMFILE.
    execFileSync('prlimit', ['--nofile=1', `--pid=${member.pid}`]);
    const heartbeats = new Set<unknown>();
    await until(() => heartbeats.add(member.heartbeat).size > 5 || pool.member(0) !== member, 'heartbeats go on');
    expect(pool.member(0)).toBe(member);
    expect(member.heartbeat!.rssBytes).toBeGreaterThan(member.heartbeat!.heapUsedBytes);
  });

  it('shows the heartbeat of a member', async () => {
    const pool = createPool({ heartbeatIntervalMs: 20, memoryLimitBytes: 0 });
    await pool.start();
    const member = pool.member(0)!;
    await until(() => member.heartbeat !== undefined, 'a heartbeat comes');
    expect(member.heartbeat).toEqual({
      lagMs: expect.any(Number),
      rssBytes: expect.any(Number),
      heapUsedBytes: expect.any(Number),
      droppedWrites: 0,
      utilization: expect.any(Number),
    });
    expect(member.heartbeat!.rssBytes).toBeGreaterThan(member.heartbeat!.heapUsedBytes);
  });
});

describe('A member over its memory limit', () => {
  it('stays when its replacement does not start, which is tried less and less often and then no more', async () => {
    const pool = createPool({
      heartbeatIntervalMs: 20,
      memoryLimitBytes: 60_000_000,
      init: (_id, generation) => (generation === 0 ? { holdBytes: 100_000_000 } : { onStart: 'throw' }),
      backoff: { initialDelayMs: 1, resetAfterMs: 1 },
      crashLoop: { maxCrashes: 3 },
    });
    let crashes = 0;
    pool.on('exit', () => crashes++);
    const warning = nextEvent(pool, 'warning', (error) => error.message.includes('failed too often'));
    await pool.start();
    const member = pool.member(0)!;
    expect((await warning)[0].message).toBe(
      'worker 0 is over its memory limit, and its replacement failed too often; it stays until a reload',
    );
    const before = member.heartbeat;
    await until(() => member.heartbeat !== before, 'another heartbeat over the limit');
    expect(crashes).toBe(3);
    expect(pool.members).toEqual([member]);
  });
});

describe('The clock of a pool', () => {
  it('goes on when it is set back, so that a silent member is noticed', async () => {
    let shiftMs = 0;
    const pool = createPool({
      heartbeatIntervalMs: 50,
      heartbeatTimeoutMs: 1_000,
      termTimeoutMs: 100,
      now: () => Date.now() + shiftMs,
    });
    await pool.start();
    const warning = nextEvent(pool, 'warning', (error) => error.message.includes('silent'));
    shiftMs = -3_600_000;
    pool.kill(0, 'SIGSTOP');
    expect((await warning)[1].id).toBe(0);
  });
});

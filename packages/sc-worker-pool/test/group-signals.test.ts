import { describe, expect, it } from '@jest/globals';
import { createPool, nextEvent, nextExit, until } from './support.js';

/** Signals are not delivered by Windows. */
(process.platform === 'win32' ? describe.skip : describe)('Signals that a supervisor gets too', () => {
  it.each(['SIGINT', 'SIGHUP', 'SIGUSR2'] as const)('do nothing to a member: %s', async (signal) => {
    const pool = createPool({ heartbeatIntervalMs: 20 });
    await pool.start();
    const member = pool.member(0)!;
    pool.kill(0, signal);
    const before = member.heartbeat;
    await until(() => member.heartbeat !== before, 'it lives on');
    expect(pool.member(0)).toBe(member);
    expect(member.state).toBe('ready');
  });

  it('leave the end of members to a pool that will stop them', async () => {
    const pool = createPool({ heartbeatIntervalMs: 20 });
    await pool.start();
    const member = pool.member(0)!;
    pool.ignoreTermination();
    pool.kill(0, 'SIGTERM');
    // Longer than a member waits for the decision of its supervisor.
    const until3s = performance.now() + 3_000;
    await until(() => performance.now() > until3s || member.state !== 'ready', 'three seconds');
    expect(member.state).toBe('ready');
    const said = nextEvent(pool, 'message');
    const exit = nextExit(pool);
    await pool.stop();
    expect((await said)[1]).toEqual({ stopping: 'asked' });
    expect(await exit).toMatchObject({ kind: 'stop', code: 0, reason: 'stopped', forced: false });
  });

  it('do not cut short a member that is stopping', async () => {
    const pool = createPool({ init: () => ({ onStop: 'hang' }), stopTimeoutMs: 1_500 });
    await pool.start();
    const { pid } = pool.member(0)!;
    const said = nextEvent(pool, 'message');
    const exit = nextExit(pool);
    const stopped = pool.stop();
    await said;
    process.kill(pid!, 'SIGTERM');
    const report = await exit;
    await stopped;
    expect(report.uptimeMs).toBeGreaterThan(1_400);
  });
});

describe('A member that fails with an odd error', () => {
  it.each(['getter', 'proxy', 'bigint', 'stack'])('is reported with an error all the same: %s', async (which) => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const exit = nextExit(pool);
    pool.member(0)!.send({ do: 'throwOdd', which });
    expect(await exit).toMatchObject({ code: 1, reason: 'exited', lastError: { message: expect.any(String) } });
  });
});

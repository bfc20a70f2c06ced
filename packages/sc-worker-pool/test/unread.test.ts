import { describe, expect, it } from '@jest/globals';
import { createPool, nextEvent, nextExit, until } from './support.js';

describe('The output of members that a pool does not read', () => {
  it('is dropped and counted in the member, which goes on', async () => {
    const pool = createPool({ maxPendingOutputBytes: 100_000, heartbeatIntervalMs: 50 });
    await pool.start();
    const member = pool.member(0)!;
    pool.pauseOutput();
    const [, reply] = await (() => {
      const answer = nextEvent(pool, 'message', (_from, message) => message['flooded'] === true);
      member.send({ do: 'flood', writes: 1_000, bytes: 10_000 });
      return answer;
    })();
    expect(reply['waiting']).toBeLessThan(200_000);
    let lines = 0;
    pool.on('output', (_from, stream) => (lines += stream === 'stdout' ? 1 : 0));
    // It comes when the lines that waited are written, whether or not the member writes anything more.
    const notice = nextEvent(pool, 'output', (_from, _stream, text) => text.includes('dropped'));
    pool.resumeOutput();
    expect((await notice)[2]).toMatch(/^\d+ writes of this process were dropped: its output was not read$/);
    expect(lines).toBeGreaterThanOrEqual(10);
    expect(lines).toBeLessThan(500);
  });

  it('makes members wait when the policy says so, without their being taken for dead', async () => {
    const pool = createPool({ outputPolicy: 'block', heartbeatIntervalMs: 50, heartbeatTimeoutMs: 1_000 });
    await pool.start();
    const member = pool.member(0)!;
    let lines = 0;
    pool.on('output', (_from, stream) => (lines += stream === 'stdout' ? 1 : 0));
    pool.pauseOutput();
    member.send({ do: 'flood', writes: 200, bytes: 10_000 });
    await until(() => member.silentMs > 1_500, 'the member has waited for longer than its heartbeat may be away');
    const flooded = nextEvent(pool, 'message', (_from, message) => message['flooded'] === true);
    pool.resumeOutput();
    await flooded;
    await until(() => lines === 200, 'every line');
    expect(pool.member(0)).toBe(member);
  });

  it('does not hold up the end of the pool', async () => {
    const pool = createPool({ outputPolicy: 'block' });
    await pool.start();
    const exit = nextExit(pool);
    pool.pauseOutput();
    pool.member(0)!.send({ do: 'flood', writes: 200, bytes: 10_000 });
    await pool.stop();
    expect(await exit).toMatchObject({ kind: 'stop', code: 0, forced: false });
  });
});

describe('A member whose supervisor does not read', () => {
  it('refuses to send more messages than may wait', async () => {
    const pool = createPool();
    await pool.start();
    const refused = nextEvent(pool, 'output', (_from, stream) => stream === 'stderr');
    // Within one turn of the member's event loop no message is written to its end.
    pool.member(0)!.send({ do: 'sendMany', count: 20_000, bytes: 10 });
    expect((await refused)[2]).toMatch(
      /^refused after \d+: ResourceLimitError 10000 messages already wait for the supervisor; the message was not sent$/,
    );
  });
});

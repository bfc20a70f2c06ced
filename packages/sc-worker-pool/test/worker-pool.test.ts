import { describe, expect, it } from '@jest/globals';
import { ask, createPool, isAlive, nextEvent, nextExit } from './support.js';

describe('A worker pool', () => {
  it('starts as many members as wanted and says where each one sits', async () => {
    const pool = createPool({ count: 2, init: (id) => ({ secret: `s${id}` }) });
    await pool.start();
    expect(
      pool.members.map(({ id, generation, restarts, state, info }) => ({ id, generation, restarts, state, info })),
    ).toEqual([
      { id: 0, generation: 0, restarts: 0, state: 'ready', info: { secret: 's0' } },
      { id: 1, generation: 0, restarts: 0, state: 'ready', info: { secret: 's1' } },
    ]);
    expect(new Set(pool.members.map((member) => member.pid)).size).toBe(2);
  });

  it('exchanges messages with its members', async () => {
    const pool = createPool({ count: 2 });
    await pool.start();
    const replies = await Promise.all(
      pool.members.map((member) => ask(pool, member, { do: 'echo', value: [member.id] })),
    );
    expect(replies).toEqual([
      { id: 0, generation: 0, echo: [0], withHandle: false },
      { id: 1, generation: 0, echo: [1], withHandle: false },
    ]);
  });

  it('keeps its messages apart from user messages that look like them', async () => {
    const pool = createPool();
    await pool.start();
    const [member] = pool.members;
    const reply = await ask(pool, member!, { do: 'echo', value: { kind: 'stop', deadlineMs: 1 } });
    expect(reply['echo']).toEqual({ kind: 'stop', deadlineMs: 1 });
    expect(member!.state).toBe('ready');
  });

  it('passes init data neither as an argument nor in the environment', async () => {
    const pool = createPool({ init: () => ({ secret: 'geheim-4711' }), args: ['--flag'] });
    await pool.start();
    const reply = await ask(pool, pool.members[0]!, { do: 'env' });
    expect(reply['argv']).toEqual(['--flag']);
    expect(JSON.stringify(reply)).not.toContain('geheim-4711');
    expect(pool.members[0]!.info).toEqual({ secret: 'geheim-4711' });
  });

  it('stops its members and leaves nothing running', async () => {
    const pool = createPool({ count: 2 });
    await pool.start();
    const pids = pool.members.map((member) => member.pid!);
    const said: unknown[] = [];
    const reports: unknown[] = [];
    pool.on('message', (_member, message) => said.push(message));
    pool.on('exit', ({ kind, code, signal, reason }) => reports.push({ kind, code, signal, reason }));
    await Promise.all([pool.stop(), pool.stop()]);
    expect(said).toEqual([{ stopping: 'asked' }, { stopping: 'asked' }]);
    const clean = { kind: 'stop', code: 0, signal: null, reason: 'stopped' };
    expect(reports).toEqual([clean, clean]);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(pool.members).toEqual([]);
  });

  it('says when its members have finished their work, which is before their processes have ended', async () => {
    const pool = createPool({ count: 2 });
    await pool.start();
    const order: string[] = [];
    pool.on('message', (_member, message) => order.push(String(message['stopping'])));
    pool.on('exit', () => order.push('exit'));
    const stopped = pool.stop();
    await pool.whenFinished();
    order.push('finished');
    await stopped;
    expect(order).toEqual(['asked', 'asked', 'finished', 'exit', 'exit']);
    await pool.whenFinished();
  });

  it('counts a member that was killed as finished', async () => {
    const pool = createPool({ init: () => ({ onStop: 'hang' }), stopTimeoutMs: 60_000 });
    await pool.start();
    const stopping = nextEvent(pool, 'message');
    void pool.stop();
    await stopping;
    const finished = pool.whenFinished();
    process.kill(pool.members[0]!.pid!, 'SIGKILL');
    await expect(finished).resolves.toBeUndefined();
  });

  it('insists with SIGTERM and SIGKILL on members that do not stop', async () => {
    const pool = createPool({
      count: 2,
      init: (id) => ({ onStop: 'hang', ignoreSigterm: id === 1 }),
      stopTimeoutMs: 100,
      termTimeoutMs: 100,
    });
    await pool.start();
    // The child's own deadline would end it too; a stopped process cannot see that.
    const stubborn = pool.members[1]!;
    pool.kill(1, 'SIGSTOP');
    const reports: unknown[] = [];
    pool.on('exit', ({ id, kind, signal, ...report }) =>
      reports.push({ id, kind, signal, forced: 'forced' in report && report.forced }),
    );
    await pool.stop();
    expect(reports).toContainEqual({ id: 1, kind: 'stop', signal: 'SIGKILL', forced: true });
    expect(isAlive(stubborn.pid!)).toBe(false);
  });

  it('refuses a message to a member that is gone', async () => {
    const pool = createPool({ respawn: false });
    await pool.start();
    const [member] = pool.members;
    pool.kill(0);
    await nextExit(pool);
    expect(() => member!.send({ do: 'echo' })).toThrow('worker 0 is not running; the message was not sent');
    expect(member!.state).toBe('exited');
  });

  it('refuses messages over the cap for a member that does not read', async () => {
    const pool = createPool({ maxPendingMessages: 50, stopTimeoutMs: 100, termTimeoutMs: 100 });
    await pool.start();
    const [member] = pool.members;
    pool.kill(0, 'SIGSTOP');
    const text = 'x'.repeat(100_000);
    expect(() => {
      for (let i = 0; i < 100; i++) member!.send({ do: 'echo', value: text });
    }).toThrow('worker 0 already has 50 messages waiting; the message was not sent');
  });

  it('delivers output with its origin, and the lines of one write as one text', async () => {
    const pool = createPool();
    await pool.start();
    const lines: string[] = [];
    pool.on('output', (member, stream, line) => lines.push(`${member.id} ${stream} ${line}`));
    const last = nextEvent(pool, 'output', (_member, _stream, line) => line === 'end');
    pool.members[0]!.send({ do: 'print', text: 'one\r\ntwo ü\n\nthree\n' });
    pool.members[0]!.send({ do: 'print', text: 'end\n' });
    await last;
    await pool.stop();
    const expected = ['one\ntwo ü\n\nthree', 'end'];
    for (const stream of ['stdout', 'stderr']) {
      const prefix = `0 ${stream} `;
      const own = lines.filter((line) => line.startsWith(prefix));
      expect(own.map((line) => line.slice(prefix.length))).toEqual(expected);
    }
  });
});

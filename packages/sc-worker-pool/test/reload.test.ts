import { describe, expect, it } from '@jest/globals';
import { createPool, isAlive, nextEvent, until } from './support.js';

describe('A reload', () => {
  it('replaces every member, the new one ready before the old one drains', async () => {
    const pool = createPool({ count: 2 });
    await pool.start();
    const old = pool.members.map((member) => member.pid!);
    const events: string[] = [];
    pool.on('ready', ({ id, generation }) => events.push(`ready ${id}.${generation}`));
    pool.on('draining', ({ id, generation }) => events.push(`draining ${id}.${generation}`));
    pool.on('exit', ({ id, generation, kind }) => events.push(`${kind} ${id}.${generation}`));
    await pool.reload();
    expect(events).toEqual(['ready 0.1', 'draining 0.0', 'stop 0.0', 'ready 1.1', 'draining 1.0', 'stop 1.0']);
    expect(old.map(isAlive)).toEqual([false, false]);
    expect(pool.members.map(({ id, generation, restarts }) => [id, generation, restarts])).toEqual([
      [0, 1, 0],
      [1, 1, 0],
    ]);
  });

  it('keeps the old member when the new one does not get ready', async () => {
    const pool = createPool({ count: 2, init: (_id, generation) => (generation > 0 ? { onStart: 'throw' } : {}) });
    await pool.start();
    const old = pool.members;
    await expect(pool.reload()).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(
        /^The pool could not reload: worker 0 .* exited with code 1: Error: controller is broken$/,
      ),
    });
    expect(pool.members).toEqual(old);
    expect(pool.members.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('asked three times in a row does it at most once more than it has begun', async () => {
    const pool = createPool();
    await pool.start();
    const events: string[] = [];
    pool.on('ready', ({ generation }) => events.push(`ready ${generation}`));
    pool.on('exit', ({ generation }) => events.push(`exit ${generation}`));
    const first = pool.reload();
    await until(() => pool.members.length === 2, 'the first reload runs');
    const [second, third] = [pool.reload(), pool.reload()];
    await new Promise((resolve) => setImmediate(resolve));
    expect(pool.members).toHaveLength(2);
    expect(third).toBe(second);
    await Promise.all([first, second, third]);
    expect(events).toEqual(['ready 1', 'exit 0', 'ready 2', 'exit 1']);
  });

  it('goes on when the old member crashes meanwhile', async () => {
    const pool = createPool();
    await pool.start();
    const reload = pool.reload();
    await until(() => pool.members.length === 2, 'the successor starts');
    pool.kill(0, 'SIGKILL');
    await reload;
    expect(pool.members.map(({ generation, state }) => [generation, state])).toEqual([[1, 'ready']]);
  });

  it('revives a slot that was given up', async () => {
    let isBroken = true;
    const pool = createPool({
      init: (_id, generation) => (isBroken && generation > 0 ? { onStart: 'throw' } : {}),
      crashLoop: { maxCrashes: 2, minUptimeMs: 60_000 },
      backoff: { initialDelayMs: 1 },
    });
    await pool.start();
    const gaveUp = nextEvent(pool, 'giveUp');
    pool.kill(0);
    await gaveUp;
    await expect(pool.reload()).rejects.toThrow('controller is broken');
    expect(pool.members).toEqual([]);
    isBroken = false;
    await pool.reload();
    expect(pool.member(0)?.state).toBe('ready');
    const ready = nextEvent(pool, 'ready');
    pool.kill(0);
    expect((await ready)[0].restarts).toBe(2);
  });

  it('ends when the pool is stopped meanwhile', async () => {
    const pool = createPool({ count: 2 });
    await expect(pool.reload()).rejects.toThrow('Only a started pool can be reloaded');
    await pool.start();
    const reload = pool.reload();
    await until(() => pool.members.length === 3, 'the first successor starts');
    const [ended] = await Promise.allSettled([reload, pool.stop()]);
    expect(ended).toMatchObject({ reason: { message: 'The pool was stopped during the reload' } });
    expect(pool.members).toEqual([]);
  });

  it('lets the old member serve until what precedes its retirement is done', async () => {
    const pool = createPool();
    await pool.start();
    const seen: string[] = [];
    const { promise: gate, resolve: open } = withResolvers<undefined>();
    pool.beforeRetire(async (old, successor) => {
      seen.push(`${old.generation} ${old.state}, ${successor.generation} ${successor.state}`);
      await gate;
    });
    const reload = pool.reload();
    await until(() => seen.length === 1, 'the hook is called');
    expect(pool.members.map(({ generation, state }) => [generation, state])).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    open(undefined);
    await reload;
    expect(seen).toEqual(['0 ready, 1 ready']);
    expect(pool.members.map(({ generation }) => generation)).toEqual([1]);
  });

  it('retires the old member when what precedes its retirement fails', async () => {
    const pool = createPool();
    await pool.start();
    pool.beforeRetire(() => Promise.reject(new Error('broken')));
    await pool.reload();
    expect(pool.members.map(({ generation }) => generation)).toEqual([1]);
  });

  it.each(['crash of the old member', 'stop of the pool'])('does not wait for it after a %s', async (cause) => {
    const pool = createPool();
    await pool.start();
    const { promise: called, resolve: call } = withResolvers<number>();
    pool.beforeRetire((old) => {
      call(old.pid!);
      return new Promise(() => undefined);
    });
    const reload = pool.reload();
    const pid = await called;
    if (cause.startsWith('crash')) process.kill(pid, 'SIGKILL');
    else await pool.stop();
    await reload;
    expect(isAlive(pid)).toBe(false);
    expect(pool.members.map(({ generation }) => generation)).toEqual(cause.startsWith('crash') ? [1] : []);
  });
});

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

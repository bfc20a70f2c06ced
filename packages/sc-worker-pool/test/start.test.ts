import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, isAlive, nextEvent } from './support.js';

async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as Error & Record<string, unknown>,
  );
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sc-worker-pool-'));
  writeFileSync(join(directory, 'syntax-error.mjs'), '// The next line is not JavaScript.\n\nconst = 1;\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('Starting a pool', () => {
  it('fails with what the controller threw and stops the other members', async () => {
    const pool = createPool({ count: 3, init: (id) => (id === 1 ? { onStart: 'throw' } : {}) });
    const pids: number[] = [];
    pool.on('exit', ({ pid }) => pids.push(pid!));
    const error = await failureOf(pool.start());
    expect(error).toMatchObject({ name: 'StartError', code: 'SC_START', role: 'worker', id: 1, exitCode: 1 });
    expect(error.message).toMatch(
      /^The pool could not start: worker 1 \(pid \d+\) exited with code 1: Error: controller is broken$/,
    );
    expect(error.cause).toMatchObject({ message: 'controller is broken' });
    expect((error.cause as Error).stack).toContain('member.mjs');
    expect(pool.members).toEqual([]);
    expect(pids).toHaveLength(3);
    expect(pids.map(isAlive)).toEqual([false, false, false]);
  });

  it.each([
    ['exits', {}, { onStart: 'exit' } as const, /exited with code 7$/],
    [
      'is not ready in time',
      { readyTimeoutMs: 1500 },
      { onStart: 'hang' } as const,
      /was not ready in time and (exited with code 0|was ended by SIGTERM)$/,
    ],
  ])('fails when a member %s', async (_name, options, behaviour, message) => {
    const pool = createPool({ ...options, init: () => behaviour });
    expect((await failureOf(pool.start())).message).toMatch(message);
  });

  it('shows file and line when the entry has a syntax error', async () => {
    const pool = createPool({ entry: join(directory, 'syntax-error.mjs') });
    let tail: readonly string[] = [];
    pool.on('exit', (report) => (tail = report.stderrTail));
    const error = await failureOf(pool.start());
    expect(error.message).toMatch(/exited with code 1/);
    expect(tail.join('\n')).toMatch(/syntax-error\.mjs:3/);
    expect([error.message, ...tail].join('\n')).toMatch(/SyntaxError/);
  });

  it('fails with the path of an entry that does not exist', async () => {
    const entry = join(directory, 'missing.mjs');
    expect((await failureOf(createPool({ entry }).start())).message).toBe(
      `The pool could not start: worker 0 could not be started: StartError: The entry module ${entry} does not exist`,
    );
  });

  it('fails when the init function throws', async () => {
    const pool = createPool({
      init: () => {
        throw new Error('no certificate');
      },
    });
    expect((await failureOf(pool.start())).message).toBe(
      'The pool could not start: worker 0 could not be started: Error: no certificate',
    );
  });

  it('fails when init data cannot be sent, and leaves no child behind', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const pool = createPool({ init: () => circular });
    const error = await failureOf(pool.start());
    expect(error.message).toMatch(/could not be started: TypeError: Converting circular structure/);
    expect(isAlive(error['pid'] as number)).toBe(false);
  });

  it('fails when the process cannot be spawned', async () => {
    const pool = createPool({ cwd: '/nonexistent-directory' });
    expect((await failureOf(pool.start())).message).toMatch(/worker 0 could not be started: Error: spawn .* ENOENT$/);
  });

  it('fails when a member is told by a signal to end before it is ready', async () => {
    const pool = createPool({ init: () => ({ onStart: 'hang' }) });
    const hanging = nextEvent(pool, 'output', (_member, _stream, line) => line === 'hanging');
    const failure = failureOf(pool.start());
    const [member] = await hanging;
    process.kill(member.pid!, 'SIGTERM');
    expect((await failure).message).toMatch(/^The pool could not start: worker 0 \(pid \d+\) exited with code 0$/);
  });

  it('fails when the pool is stopped meanwhile', async () => {
    const pool = createPool();
    const started = failureOf(pool.start());
    await pool.stop();
    expect((await started).message).toBe('The pool was stopped before it was ready');
    expect((await failureOf(pool.start())).message).toBe('A pool can be started only once');
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCleanup } from '../src/cleanup.js';
import { isAlive, processTree } from '../src/process-tree.js';
import { runProcess, startProcess } from '../src/start-process.js';
import { tempDir } from '../src/temp-dir.js';

const cleanup = createCleanup();
let file: string;

beforeEach(() => {
  file = join(cleanup.add(tempDir(), (directory) => directory.remove()).path, 'program.mjs');
});
afterEach(() => cleanup.run());

const program = (...lines: string[]) => writeFileSync(file, lines.join('\n'));

describe('startProcess', () => {
  it('waits for the readiness line and gives what it says', async () => {
    program(
      'console.log("starting " + process.argv[2]);',
      'console.log("READY " + JSON.stringify({ port: Number(process.env.PORT), nodeEnv: process.env.NODE_ENV ?? null }));',
      'setInterval(() => {}, 1000);',
    );
    const started = await startProcess(file, { env: { PORT: '7' }, args: ['now'] });
    cleanup.add(started, (child) => child.stop());
    expect(started.ready).toEqual({ port: 7, nodeEnv: null });
    expect(started.output()).toContain('starting now\n');
    expect(isAlive(started.pid)).toBe(true);
    await expect(started.stop()).resolves.toEqual({ code: null, signal: 'SIGTERM' });
    expect(isAlive(started.pid)).toBe(false);
  });

  it('ends what the process started, even when the process was killed', async () => {
    program(
      'import { spawn } from "node:child_process";',
      'const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });',
      'child.once("spawn", () => console.log("READY " + JSON.stringify({ child: child.pid })));',
    );
    const started = await startProcess<{ child: number }>(file);
    expect(processTree(started.pid).map((entry) => entry.pid)).toEqual([started.pid, started.ready.child]);
    started.kill('SIGKILL');
    await expect(started.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(isAlive(started.ready.child)).toBe(true);
    await started.stop();
    expect(isAlive(started.ready.child)).toBe(false);
  });

  it('rejects with the output when the process ends before it is ready', async () => {
    program('console.error("no such thing");', 'process.exit(3);');
    await expect(startProcess(file)).rejects.toThrow(/ended before it was ready: \{"code":3.*\n.*no such thing/);
  });

  it('rejects and leaves nothing running when readiness is late', async () => {
    program('console.log("pid " + process.pid);', 'setInterval(() => {}, 1000);');
    const failure = await startProcess(file, { readyDeadlineMs: 1000 }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    const pid = Number(/pid (\d+)/.exec(failure ?? '')?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('runProcess', () => {
  it('gives the exit code and both outputs, and hands over the input', async () => {
    program(
      'process.stdin.on("data", (data) => { console.log("got " + data); console.error("done"); process.exitCode = 2; });',
    );
    const finished = await runProcess(file, { input: 'hello' });
    expect(finished).toEqual({
      code: 2,
      signal: null,
      pid: expect.any(Number),
      stdout: 'got hello\n',
      stderr: 'done\n',
    });
  });

  it('ends a process that takes too long', async () => {
    program('setInterval(() => {}, 1000);');
    await expect(runProcess(file, { deadlineMs: 200 })).rejects.toThrow('to end; it wrote:');
  });
});

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCleanup, runProcess, startProcess, tempDir, type StartedProcess } from 'sc-testkit';

const main = new URL('../dist/main.js', import.meta.url).pathname;
const cleanup = createCleanup();
let cwd: string;
let control: string;
let cluster: StartedProcess;

/** Runs a command with a temporary folder of its own, as another container or a private `/tmp` has. */
const sc = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runProcess(main, {
    args,
    cwd,
    env: { TMPDIR: join(cwd, 'other'), ...env },
    deadlineMs: 90_000,
  });

describe('the commands that reach a cluster, by its control path', () => {
  beforeAll(async () => {
    cwd = cleanup.add(tempDir(), (directory) => directory.remove()).path;
    control = join(cwd, 'control.sock');
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
    writeFileSync(join(cwd, 'worker.js'), 'export function run() {}');
    const config = {
      appName: 'elsewhere',
      workerController: './worker.js',
      workers: 1,
      port: 0,
      controlPath: control,
      authKey: 'a key of 32 characters or some more',
    };
    writeFileSync(join(cwd, 'sc.config.json'), JSON.stringify(config));
    cluster = await startProcess(main, {
      args: ['start'],
      cwd,
      readyLine: /The cluster is ready/,
      readyDeadlineMs: 90_000,
    });
    cleanup.add(cluster, (one) => one.stop());
  }, 120_000);
  afterAll(() => cleanup.run());

  it('do not find it without the path, where the temporary folder is another one', async () => {
    expect(await sc(['status'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: No cluster of this user runs on this host/) as unknown as string,
    });
  }, 120_000);

  it.each([
    ['status', [], /^elsewhere \(\d+\) is running on http/],
    ['top', ['--count', '1'], /elsewhere \(\d+\) is running/],
    ['reload', [], /^elsewhere runs fresh code\./],
    ['log-level', ['debug'], /debug/],
  ])(
    '%s finds it by --control and by SC_CONTROL_PATH',
    async (command, args, said) => {
      const byFlag = await sc([command, ...args, '--control', control]);
      expect(byFlag).toMatchObject({ code: 0, stdout: expect.stringMatching(said) as unknown as string });
      const byVariable = await sc([command, ...args], { SC_CONTROL_PATH: control });
      expect(byVariable).toMatchObject({ code: 0, stdout: expect.stringMatching(said) as unknown as string });
    },
    180_000,
  );

  it('say so when no cluster listens at the path', async () => {
    const { code, stderr } = await sc(['status', '--control', join(cwd, 'nothing.sock')]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: No cluster/) as unknown as string,
    });
  }, 120_000);

  it('stop ends it, and its socket is removed', async () => {
    expect(await sc(['stop', '--control', control])).toMatchObject({ code: 0 });
    expect(await cluster.exited).toMatchObject({ code: 0 });
    expect(existsSync(control)).toBe(false);
    expect(await sc(['stop', '--control', control])).toMatchObject({ code: 1 });
  }, 180_000);
});

import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createCleanup,
  requiredTool,
  startProcess,
  waitFor,
  type StartedProcess,
  type StartProcessOptions,
} from 'sc-testkit';
import type { ClusterStatus } from '../../dist/index.js';
import { controller } from './support.js';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly role: string;
  readonly id: number;
  readonly pid: number;
  readonly message: string;
  readonly stream?: 'stdout' | 'stderr';
}

const roles = ['worker', 'store', 'balancer'] as const;
const command = `'${process.execPath}' '${fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url))}'`;
// Runs a program in a terminal.
const script = requiredTool('script', { for: 'the log in a real terminal' });
const cleanup = createCleanup();

/** A cluster all of whose processes say dubious things, in a process of its own. */
async function launch(
  options: object = {},
  start: StartProcessOptions & { readonly file?: string } = {},
): Promise<StartedProcess<ClusterStatus>> {
  const speaks = controller('speaks.cjs');
  const started = await startProcess<ClusterStatus>(start.file ?? '-c', {
    readyDeadlineMs: 60_000,
    // Both streams as one, so that no piece of one gets between two pieces of a line of the other.
    program: '/bin/sh',
    args: [`exec ${command} 2>&1`],
    ...start,
    env: {
      ...start.env,
      CLUSTER_OPTIONS: JSON.stringify({
        workerController: speaks,
        storeController: speaks,
        balancerController: speaks,
        port: 0,
        workers: 1,
        stores: 1,
        balancers: 1,
        appName: 'output',
        authKey: 'a key of thirty-two bytes or more',
        ...options,
      }),
    },
  });
  cleanup.add(started, (program) => program.stop());
  return started;
}

function linesOf(started: StartedProcess): Line[] {
  return started
    .output()
    .split('\n')
    .filter((line) => line !== '' && !/^(READY|STARTED) /.test(line))
    .map((line) => JSON.parse(line) as Line);
}

describe('what the processes of a cluster write', () => {
  afterEach(() => cleanup.run());

  it('is in the log as lines of JSON, each with the process that wrote it, whatever it looks like', async () => {
    const started = await launch();
    const longLines = () => started.output().match(/"x{1000,}"/g) ?? [];
    // 40,000 characters in pieces of 16,384.
    await waitFor(() => longLines().length === 9, {
      what: () => `the long lines; ${started.output().slice(0, 2_000)}`,
    });
    await started.stop();
    const lines = linesOf(started);
    expect(started.output().replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(lines.filter(({ message }) => message === 'forged')).toEqual([]);
    expect(lines.every(({ time }) => new Date(time).toISOString() === time)).toBe(true);
    const forged = '{"time":"now","level":"error","role":"supervisor","message":"forged"}';
    for (const role of roles) {
      const [pid] = started.ready[`${role}s`].map((process) => process.pid);
      const own = lines.filter((line) => line.role === role);
      expect(own.every((line) => line.id === 0 && line.pid === pid)).toBe(true);
      const said = (level: string) =>
        own.filter((line) => line.level === level && line.stream !== undefined).map(({ message }) => message);
      expect(said('info')).toEqual([
        'hello',
        forged,
        'one\u2028two \u001b[2J\u001b]0;title\u0007 \u0085three\rfour',
        'Cookie: [redacted]',
      ]);
      expect(said('warn')).toEqual([
        // One write of two lines.
        `\ufffd\ufffd\ufffd broken\n${forged}`,
        'x'.repeat(16_384),
        'x'.repeat(16_384),
        'x'.repeat(40_000 - 2 * 16_384),
      ]);
    }
  });

  it.each(['silent', 'error'] as const)('is in the log whatever the level of ours is: %s', async (logLevel) => {
    const started = await launch({ logLevel });
    const pid = started.ready.workers[0]!.pid;
    await waitFor(() => /"message":"hello"/.test(started.output()), { what: 'the words of the worker' });
    process.kill(pid, 'SIGKILL');
    await started.outputMatch(/^STARTED .*"respawn":true/m);
    await started.stop();
    const lines = linesOf(started);
    const ours = lines.filter(({ stream }) => stream === undefined);
    expect(ours).toMatchObject(logLevel === 'silent' ? [] : [{ level: 'error', role: 'worker', id: 0, pid }]);
    expect(new Set(lines.map(({ stream }) => stream))).toEqual(
      new Set(['stdout', 'stderr', ...(logLevel === 'silent' ? [] : [undefined])]),
    );
  });

  (script === undefined ? it.skip : it).each([
    ['in colour', {}, '\u001b[90mCLOCK\u001b[0m \u001b[36minfo \u001b[0m \u001b[90mORIGIN\u001b[0m hello'],
    ['without colour when NO_COLOR is set', { NO_COLOR: '1' }, 'CLOCK info  ORIGIN hello'],
  ])('is for people where there is a terminal, %s', async (_how, env, expected) => {
    const args = ['--return', '--command', `exec ${command}`, '/dev/null'];
    const program = { program: script!, file: '--quiet', args };
    const started = await launch({}, { ...program, env: { NO_COLOR: undefined, ...env } });
    const { supervisor, workers } = started.ready;
    // This ends the supervisor, and the terminal with it.
    process.kill(supervisor.pid, 'SIGTERM');
    expect(await started.exited).toMatchObject({ code: 0 });
    const lines = started.output().split('\r\n');
    const [line = ''] = lines.filter((one) => one.includes('worker') && one.endsWith('hello'));
    const seen = line.replace(/\d\d:\d\d:\d\d/, 'CLOCK').replace(`worker 0 (${workers[0]!.pid})`, 'ORIGIN');
    expect(seen).toBe(expected);
    // Of what processes write, nothing moves the cursor, clears the screen or names the window.
    expect(started.output().replace(/\r\n|\u001b\[\d*m/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

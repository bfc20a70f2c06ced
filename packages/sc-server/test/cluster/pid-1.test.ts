import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { requiredTool, waitFor } from 'sc-testkit';
import { controller } from './support.js';

const unshare = requiredTool('unshare', { for: 'a cluster that is process 1 of its namespace' });
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('\n!!! Not root: a cluster that is process 1 is NOT TESTED here\n');

/** State and parent of every process below one, seen from outside its namespace. */
function below(pid: number): { pid: number; state: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => stateOf(Number(name)))
    .filter((entry) => entry !== undefined);
  const found = all.filter(({ parent }) => parent === pid);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

function stateOf(pid: number): { pid: number; state: string; parent: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It ended.
  }
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, state, parent: Number(parent) };
}

describe('a cluster that is process 1, as in a container', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  (unshare === undefined || !isRoot ? it.skip : it)(
    'replaces workers on SIGUSR2, leaves no zombie of those that die, and ends with 0 on SIGTERM',
    async () => {
      const options = { workerController: controller('worker.cjs'), port: 0, workers: 2, stores: 1, balancers: 1 };
      const env = { ...process.env, CLUSTER_OPTIONS: JSON.stringify({ ...options, appName: 'first' }) };
      const launch = fileURLToPath(new URL('./fixtures/launch.mjs', import.meta.url));
      child = spawn(unshare ?? '', ['--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, launch], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
      const ended = new Promise((resolve) => child?.once('exit', (code) => resolve(code)));
      await waitFor(() => output.includes('READY '), { deadlineMs: 30_000, what: () => `the cluster; ${output}` });
      expect(output).toMatch(/READY .*"supervisor":\{"pid":1[,}]/);
      const [supervisor] = below(child.pid ?? 0);
      const supervisorPid = supervisor?.pid ?? 0;
      const members = () => below(supervisorPid);
      const serving = members().map(({ pid }) => pid);
      expect(serving).toHaveLength(4);

      for (const pid of serving) process.kill(pid, 'SIGKILL');
      const starts = () => output.match(/STARTED .*/g)?.length ?? 0;
      await waitFor(() => starts() === 4, { deadlineMs: 30_000, what: () => `two workers again; ${output}` });
      await waitFor(() => members().length === 4 && members().every(({ state }) => state !== 'Z'), {
        what: () => `four processes and no zombie: ${JSON.stringify(members())}`,
      });

      process.kill(supervisorPid, 'SIGUSR2');
      await waitFor(() => starts() === 6, { deadlineMs: 30_000, what: () => `the reload; ${output}` });
      await waitFor(() => members().length === 4 && members().every(({ state }) => state !== 'Z'), {
        what: () => `four processes and no zombie: ${JSON.stringify(members())}`,
      });

      process.kill(supervisorPid, 'SIGTERM');
      expect(await ended).toBe(0);
      expect(members()).toEqual([]);
    },
    90_000,
  );
});

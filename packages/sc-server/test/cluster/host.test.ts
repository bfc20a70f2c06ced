import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { isRunByNodemon } from '../../src/cluster/host/nodemon.js';
import { zombiesOf } from '../../src/cluster/host/zombies.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const onLinux = process.platform === 'linux' ? it : it.skip;

function start(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.add(child, (one) => void one.kill('SIGKILL'));
  return child;
}

describe('the host of a cluster', () => {
  onLinux('shows children that have ended and that nothing reaps', async () => {
    // A shell that becomes another program forgets its children.
    const parent = start('sh', ['-c', 'true & exec sleep 60']);
    const pid = parent.pid ?? 0;
    const zombies = await waitFor(
      async () => {
        const found = await zombiesOf(pid);
        return found.length > 0 ? found : undefined;
      },
      { what: 'the child that has ended' },
    );
    expect(zombies).toHaveLength(1);
    expect(await zombiesOf(zombies[0] ?? 0)).toEqual([]);
    expect(await zombiesOf(process.pid)).toEqual([]);
  });

  onLinux('shows whether nodemon runs a process, also through a shell', async () => {
    const { path } = cleanup.add(tempDir(), (one) => one.remove());
    const script = join(path, 'nodemon.js');
    // It starts a shell, which starts the program; the shell must not become the program.
    writeFileSync(
      script,
      `require('node:child_process').spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'inherit', 'inherit'] });`,
    );
    const nodemon = start(process.execPath, [script]);
    const [line] = (await once(nodemon.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    cleanup.add(pid, (one) => process.kill(one, 'SIGKILL'));
    expect(await isRunByNodemon(pid)).toBe(true);
    expect(await isRunByNodemon()).toBe(false);
  });
});

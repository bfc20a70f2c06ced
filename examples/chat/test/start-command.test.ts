import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { createCleanup, isAlive, processTree, startProcess } from 'sc-testkit';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cleanup = createCleanup();
afterEach(() => cleanup.run());

it('"npm start" runs the chat, and Ctrl-C ends all of it', async () => {
  const command = cleanup.add(
    await startProcess('npm', {
      program: '/usr/bin/env',
      args: ['start'],
      cwd: root,
      env: { PORT: '0' },
      readyLine: /^Open http/m,
      readyDeadlineMs: 120_000,
    }),
    (started) => started.stop(),
  );
  const tree = processTree(command.pid);
  const supervisor = tree.find((entry) => entry.command.endsWith('examples/chat/server.js'));
  const pids = processTree(supervisor?.pid ?? 0).map(({ pid }) => pid);
  expect(pids).toHaveLength(4);

  command.killGroup('SIGINT');
  await command.exited;
  expect([...tree.map(({ pid }) => pid), ...pids].filter(isAlive)).toEqual([]);
  expect(command.output().match(/Closing on SIGINT/g)).toHaveLength(1);
}, 180_000);

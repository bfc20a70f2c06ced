import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, runProcess, startProcess, tempDir } from 'sc-testkit';
import type { StartedProcess } from 'sc-testkit';
import { markdownFiles, programsOf, publishedReadmes, savePrograms, scriptsOf } from './readme-programs.js';
import type { Program } from './readme-programs.js';
import { startAcceptance } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe('the documents', () => {
  it.each(markdownFiles())('%s holds no JavaScript that does not parse', async (file) => {
    const directory = cleanup.add(tempDir(), (it) => it.remove());
    for (const { text, line } of scriptsOf(file)) {
      const saved = join(directory.path, `line-${line}.mjs`);
      writeFileSync(saved, text);
      const checked = await runProcess('--check', { args: [saved] });
      expect({ line, stderr: checked.stderr }).toEqual({ line, stderr: '' });
    }
  });

  it.each(publishedReadmes().filter((file) => file !== 'packages/sc-cli/README.md'))('%s holds a program', (file) => {
    expect(programsOf(file)).not.toEqual([]);
  });
});

describe('the programs in the documents run', () => {
  const files = ['README.md', ...publishedReadmes()].filter((file) => programsOf(file).length > 0);

  it.each(files)(
    '%s',
    async (file) => {
      const programs = programsOf(file);
      const port = await freePort();
      const directory = cleanup.add(savePrograms(programs, port), (it) => it.remove());
      // A client without a server beside it means any server with an "echo".
      const isClient = ({ text }: Program) => text.includes('8000');
      if (programs.some(isClient) && !programs.some(({ isServer }) => isServer)) {
        await startAcceptance(cleanup, { PORT: String(port) });
      }
      let server: StartedProcess | undefined;
      for (const program of programs.filter(({ isPart }) => !isPart)) {
        if (program.isServer) {
          await server?.stop();
          server = cleanup.add(
            await startProcess(program.file, { cwd: directory.path, readyLine: /^(?!\{).+$/m }),
            (started) => started.stop(),
          );
          continue;
        }
        const { code, stdout, stderr } = await runProcess(program.file, { cwd: directory.path, deadlineMs: 30_000 });
        expect({ line: program.line, code, stderr }).toEqual({ line: program.line, code: 0, stderr: '' });
        expect(stdout).not.toBe('');
      }
    },
    120_000,
  );
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, freePort, programsIn, runPrograms, runProcess, scriptsIn, tempDir } from 'sc-testkit';
import type { Program } from 'sc-testkit';
import { markdownFiles, parent, publishedReadmes, textOf } from './readme-programs.js';
import { startAcceptance } from './support.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describe('the documents', () => {
  it.each(markdownFiles())('%s holds no JavaScript that does not parse', async (file) => {
    const directory = cleanup.add(tempDir(), (it) => it.remove());
    for (const { text, line } of scriptsIn(textOf(file))) {
      const saved = join(directory.path, `line-${line}.mjs`);
      writeFileSync(saved, text);
      const checked = await runProcess('--check', { args: [saved] });
      expect({ line, stderr: checked.stderr }).toEqual({ line, stderr: '' });
    }
  });

  it.each(publishedReadmes().filter((file) => file !== 'packages/sc-cli/README.md'))('%s holds a program', (file) => {
    expect(programsIn(textOf(file))).not.toEqual([]);
  });
});

describe('the programs in the documents run', () => {
  const files = ['README.md', ...publishedReadmes()].filter((file) => programsIn(textOf(file)).length > 0);

  it.each(files)(
    '%s',
    async (file) => {
      const programs = programsIn(textOf(file));
      const port = await freePort();
      // A client example without a server assumes any server with the procedure "echo".
      const isClient = ({ text }: Program) => text.includes('8000');
      if (programs.some(isClient) && !programs.some(({ isServer }) => isServer)) {
        await startAcceptance(cleanup, { PORT: String(port) });
      }
      await runPrograms(programs, {
        parent,
        port,
        onEnd: ({ line }, { code, stdout, stderr }) => {
          expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
          expect(stdout).not.toBe('');
        },
      });
    },
    120_000,
  );
});

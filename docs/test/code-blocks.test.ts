import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { codeBlocks, freePort, programsIn, runPrograms } from 'sc-testkit';
import { compileBlocks, rootScripts } from './compile-blocks.js';
import { docs, pages, textOf } from './pages.js';

const texts = Object.fromEntries(pages().map((page) => [page, textOf(page)]));
const blocks = Object.entries(texts).flatMap(([page, text]) => codeBlocks(text).map((block) => ({ page, ...block })));
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));

describe('the code in the documentation', () => {
  it('is in a language that is checked here', () => {
    const known = [
      'js',
      'ts',
      'tsx',
      'json',
      'sh',
      'html',
      'diagram',
      'text',
      'ini',
      'nginx',
      'haproxy',
      'yaml',
      'dockerfile',
    ];
    expect(
      blocks.filter(({ language }) => !known.includes(language)).map(({ page, line }) => `${page}:${line}`),
    ).toEqual([]);
  });

  it('compiles', () => {
    expect(compileBlocks(texts)).toEqual([]);
  }, 120_000);

  it('is not taken for right when it is wrong', () => {
    const page = ['```js on=client', 'socket.emitt("a");', '```', '', '```ts', 'const a: number = "b";', '```', ''];
    expect(compileBlocks({ 'wrong.md': page.join('\n') })).toEqual([
      expect.stringContaining('wrong.md:2: '),
      expect.stringContaining('wrong.md:6: '),
    ]);
  }, 120_000);

  it('parses where it is JSON', () => {
    for (const { text } of inLanguage('json')) expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it('parses where it is for a shell, and calls no script that does not exist', () => {
    const directory = mkdtempSync(join(tmpdir(), 'blocks-'));
    try {
      for (const { page, line, text } of inLanguage('sh')) {
        const file = join(directory, 'block.sh');
        writeFileSync(file, text);
        expect(() => execFileSync('bash', ['-n', file])).not.toThrow();
        const called = [...text.matchAll(/^npm run ([\w:-]+)/gm)].map(([, name]) => name);
        const unknown = called.filter((name = '') => !rootScripts().includes(name));
        expect({ page, line, unknown }).toEqual({ page, line, unknown: [] });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the programs in the documentation run', () => {
  const withPrograms = pages().filter((page) => programsIn(textOf(page)).length > 0);

  it.each(withPrograms)(
    '%s',
    async (page) => {
      await runPrograms(programsIn(textOf(page)), {
        parent: docs,
        port: await freePort(),
        onEnd: ({ line }, { code, stdout, stderr }) => {
          expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
          expect(stdout).not.toBe('');
        },
      });
    },
    120_000,
  );
});

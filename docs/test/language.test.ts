import { describe, expect, it } from '@jest/globals';
// @ts-expect-error -- the check is plain JavaScript
import * as check from '../../.scripts/lib/openers.mjs';

interface Refused {
  readonly line: number;
  readonly sentence: string;
}

const { refusedSentences, refusedInCode, refusedInMarkdown } = check as {
  readonly refusedSentences: (text: string) => string[];
  readonly refusedInCode: (name: string, code: string) => Refused[];
  readonly refusedInMarkdown: (markdown: string) => Refused[];
};

describe('the language check', () => {
  it.each([
    'What a process has to do.',
    'Whoever said nothing will not say goodbye.',
    'Those that are open.',
    'It is closed. Nobody reads it.',
    'Two kinds: Those of workers, and the rest.',
    '**What holds by default.**',
    'So many a second, and a burst at once.',
  ])('refuses %j', (text) => {
    expect(refusedSentences(text)).toHaveLength(1);
  });

  it.each([
    'What does a client see?',
    'Whose turn it is.',
    'Returns what the peer sent.',
    'Those two limits are options.',
    'Neither is an option.',
    'Nothing-at-all is a name.',
  ])('accepts %j', (text) => {
    expect(refusedSentences(text)).toEqual([]);
  });

  it('reads comments and texts of code, with their lines, but no regular expressions and no names', () => {
    const code = [
      "const name = 'Nobody';",
      '/** Starts it.',
      ' * What it starts is stopped.',
      ' */',
      'throw new Error(`Nobody handles ${name}`);',
      'const pattern = /\\/\\/ Nobody is here/; // Whoever reads this',
      "const url = 'http://x // Nobody is here';",
    ].join('\n');
    expect(refusedInCode('x.ts', code).map(({ sentence }) => sentence)).toEqual([
      'What it starts is stopped.',
      'Whoever reads this',
      'Nobody handles',
    ]);
    expect(refusedInCode('x.ts', code)[2]?.line).toBe(5);
  });

  it('reads the prose of Markdown, but no code, and lets "What" open a heading or the header of a table', () => {
    const markdown = [
      '# What the server does',
      '',
      '| What | Answer |',
      '| ---- | ------ |',
      '| Nobody knows | yes |',
      '',
      '- Whoever `publishes` gets',
      '  an error.',
      '',
      '```js',
      '// What is this',
      '```',
      '',
      '## Who may subscribe',
    ].join('\n');
    expect(refusedInMarkdown(markdown)).toEqual([
      { line: 5, sentence: 'Nobody knows' },
      { line: 7, sentence: 'Whoever xxxxxxxxxxx gets an error.' },
      { line: 14, sentence: 'Who may subscribe' },
    ]);
  });
});

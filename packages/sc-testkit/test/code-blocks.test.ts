import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeBlocks } from '../src/code-blocks.js';

describe('codeBlocks', () => {
  it('gives the language, the rest of the fence line, the text and the line of each block', () => {
    const markdown = [
      '# Title',
      '```js file=a.js',
      'one();',
      '',
      'two();',
      '```',
      'text',
      '- list',
      '  ~~~',
      '  x',
      '  ~~~',
    ];
    expect(codeBlocks(markdown.join('\n'))).toEqual([
      { language: 'js', info: 'file=a.js', text: 'one();\n\ntwo();\n', line: 2 },
      { language: '', info: '', text: 'x\n', line: 9 },
    ]);
  });

  it('keeps a shorter fence inside a longer one as text', () => {
    expect(codeBlocks('````md\n```js\n```\n````')).toEqual([
      { language: 'md', info: '', text: '```js\n```\n', line: 1 },
    ]);
  });

  it('refuses a block that is not closed', () => {
    expect(() => codeBlocks('a\n```js\nb')).toThrow('The code block that starts on line 2 is not closed');
  });

  it('gives back any text that holds no fence', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: fc.constantFrom('a', ' ', '"', '{', '`', 'é') }).filter((line) => !/^\s*`{3}/.test(line)),
        ),
        (lines) => {
          const [block] = codeBlocks(['```js', ...lines, '```'].join('\n'));
          expect(block?.text).toBe(`${lines.join('\n')}\n`);
        },
      ),
    );
  });
});

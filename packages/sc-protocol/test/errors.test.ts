import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as protocol from '../src/index.js';
import { errorRegistry, ScError, TimeoutError } from '../src/index.js';

const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
const docs = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** Name, code and sentence of every class, as they stand in the source. */
const declared = [...source.matchAll(/\/\*\*((?:(?!\*\/)[^])+)\*\/\nexport class (\w+) extends define([^{]+)\{/g)].map(
  ([, when = '', name = '', call = '']) => ({ name, code: /'(SC_\w+)'/.exec(call)?.[1], when: onOneLine(when) }),
);
const rows = [...docs.matchAll(/^## (\w+)\n\n(.+(?:\n.+)*)\n\nCode `(SC_\w+)`, retry: (yes|no)\.$/gm)].map(
  ([, name, when, code, retry]) => ({ name, code, retry: retry === 'yes', when: onOneLine(when ?? '') }),
);

/** A text of several lines, each of which may begin with the star of a comment. */
function onOneLine(text: string): string {
  return text.replaceAll(/\s*\n(?: \*)?\s*/g, ' ').trim();
}

describe('the error registry', () => {
  it('has every class once, with the code that the source states', () => {
    expect(errorRegistry.map(({ name, code }) => ({ name, code }))).toEqual(
      declared.map(({ name, code }) => ({ name, code })),
    );
    expect(new Set(errorRegistry.map(({ code }) => code)).size).toBe(errorRegistry.length);
  });

  it('is what docs/errors.md says', () => {
    expect(rows).toEqual(
      errorRegistry.map((entry) => ({ ...entry, when: declared.find(({ name }) => name === entry.name)?.when })),
    );
  });

  it.each(errorRegistry)('$name is exported and knows its name and code', ({ name, code }) => {
    const Class = protocol[name as 'TimeoutError'];
    const error = new Class('It failed', { limit: 3, remedy: 'Do this' }, { cause: 'why' });
    expect(error).toBeInstanceOf(ScError);
    expect(Object.assign({}, error)).toEqual({ code, limit: 3, remedy: 'Do this' });
    expect([error.name, error.message, error.cause, String(error)]).toEqual([
      name,
      'It failed',
      'why',
      `${name}: It failed`,
    ]);
  });

  it('leaves out a remedy or cause that is not given', () => {
    const error = new TimeoutError('Too late');
    expect(Object.keys(error)).toEqual(['code']);
    expect('cause' in error).toBe(false);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root, textOf } from './pages.js';

interface Guarantee {
  readonly sentence: string;
  readonly file: string;
  readonly test: string;
}

/** The sentences of the section, each with the test that it names. */
function guaranteesIn(page: string): Guarantee[] {
  const section = /^## Guarantees$([^]*?)(?=^## |^### Not guaranteed$|(?![^]))/m.exec(textOf(page))?.[1] ?? '';
  return [...section.matchAll(/^- ([^]*?)(?=^- |^#|(?![^]))/gm)].map(([, item = '']) => {
    const text = item.replace(/\s+/g, ' ').trim();
    const [, sentence = text, file = '', test = ''] = /^(.*) Test: `([^`]+)`, "(.*)"$/.exec(text) ?? [];
    return { sentence, file, test };
  });
}

describe('the guarantees', () => {
  const guarantees = guaranteesIn('guide/history.md');

  it('are many', () => {
    expect(guarantees.length).toBeGreaterThan(15);
  });

  it.each(guarantees.map((one) => [one.sentence, one] as const))('name a test that exists: %s', (_sentence, one) => {
    const path = join(root, 'packages', one.file);
    expect({ ...one, isThere: one.file !== '' && existsSync(path) }).toEqual({ ...one, isThere: true });
    expect(readFileSync(path, 'utf8')).toContain(one.test);
  });
});

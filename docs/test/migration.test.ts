import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { originalNames } from './original-names.js';
import { headings, root, textOf } from './pages.js';

const text = textOf('migration/socketcluster-1-2.md');

/** Names in a piece of Markdown that are set as code, without parentheses. */
const namesIn = (markdown: string) =>
  new Set(
    [...markdown.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
      code.replace(/\(.*\)$/, ''),
    ),
  );

const sectionOf = (title: string) => text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the way from versions 1 and 2', () => {
  it.each(Object.entries(originalNames))('%s: every name is there', (title, names) => {
    const found = namesIn(sectionOf(title));
    expect(names.filter((name) => !found.has(name))).toEqual([]);
  });

  it('says in every row what to write now', () => {
    const rows = [...text.matchAll(/^\|(.+)\|(.+)\|$/gm)];
    const empty = rows.filter(([, , now = '']) => now.trim() === '').map(([row]) => row);
    expect({ rows: rows.length > 100, empty }).toEqual({ rows: true, empty: [] });
  });

  it('links to options that exist', () => {
    const known = headings(textOf('options.md'), 3).map((name) => name.toLowerCase());
    const linked = [...text.matchAll(/options\.md#(\w+)/g)].map(([, anchor = '']) => anchor);
    expect(linked.filter((anchor) => !known.includes(anchor))).toEqual([]);
  });

  it('names every option that the server refuses with what to write instead', () => {
    const source = ['cluster/options/renamed.ts', 'server/renamed-options.ts']
      .map((file) => readFileSync(join(root, 'packages/sc-server/src', file), 'utf8'))
      .map((file) => file.slice(file.search(/renamed\w*Options: Readonly<Record/)))
      .map((file) => file.slice(0, file.indexOf('};')));
    const refused = source.flatMap((file) => [...file.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name));
    const found = namesIn(['1-2', '5-14', '15-20'].map((page) => textOf(`migration/socketcluster-${page}.md`)).join());
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.filter((name) => !found.has(name))).toEqual([]);
  });
});

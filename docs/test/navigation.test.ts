import { describe, expect, it } from '@jest/globals';
// @ts-expect-error -- the site is built with plain JavaScript
import { navigation } from '../site/navigation.mjs';
import { pages } from './pages.js';

interface Item {
  readonly link?: string;
  readonly items?: readonly Item[];
}

const linksOf = ({ link, items = [] }: Item): string[] => [
  ...(link === undefined ? [] : [link]),
  ...items.flatMap(linksOf),
];

describe('the menu', () => {
  it('leads to every page that is written by hand', () => {
    const links = (navigation as { sidebar: readonly Item[] }).sidebar.flatMap(linksOf);
    const wanted = pages()
      .filter((page) => page !== 'index.md' && page !== 'benchmarks/results.md')
      .map((page) => `/${page.replace(/(README)?\.md$/, '')}`);
    expect(wanted.filter((page) => !links.includes(page))).toEqual([]);
  });
});

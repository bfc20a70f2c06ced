import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { clusterRules } from '../src/cluster/options.js';
import { serverRules } from '../src/serving/options.js';

const text = readFileSync(new URL('../../../docs/options.md', import.meta.url), 'utf8');
const [, ofServer = '', ofCluster = ''] = text.split(/^## /m);
const headings = (section: string) => [...section.matchAll(/^### (\S+)$/gm)].map(([, name = '']) => name).sort();

describe('docs/options.md', () => {
  it('has a heading for every option of a server, and for nothing else', () => {
    expect(headings(ofServer)).toEqual(Object.keys(serverRules).sort());
  });

  it('has a heading for every other option of a cluster, and for nothing else', () => {
    const own = Object.keys(clusterRules).filter((name) => !Object.hasOwn(serverRules, name) || name === 'logger');
    expect(headings(ofCluster)).toEqual(own.sort());
  });

  it('says what each option does and what its default is', () => {
    for (const section of text.split(/^### /m).slice(1)) {
      expect(section).toMatch(/^\S+\n\n\S[^]*\n\nType `[^]*`, default: \S/);
    }
  });
});

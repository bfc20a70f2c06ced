import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { clusterDefaults, clusterRules } from '../src/cluster/options/options.js';
import { serverDefaults, serverRules } from '../src/server/options.js';

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

  it('has the default that the code has', () => {
    const stated = (section: string) =>
      section
        .split(/^### /m)
        .slice(1)
        .map((one) => {
          const [, name = '', value = ''] = /^(\S+)$[^]*?, default: (.*?)\.?$/m.exec(one) ?? [];
          return [name, value] as const;
        });
    const written = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));
    const differs =
      (defaults: Readonly<Record<string, unknown>>) =>
      ([name, value]: readonly [string, string]) =>
        // Computed defaults are described in words, and an empty list may be written as "none".
        defaults[name] !== undefined &&
        !(value === 'none' && written(defaults[name]) === '[]') &&
        !value.startsWith(`\`${written(defaults[name])}\``);
    expect(stated(ofServer).filter(differs(serverDefaults))).toEqual([]);
    expect(stated(ofCluster).filter(differs(clusterDefaults))).toEqual([]);
    expect(stated(ofServer).filter(([, value]) => value.startsWith('`')).length).toBeGreaterThan(40);
  });
});

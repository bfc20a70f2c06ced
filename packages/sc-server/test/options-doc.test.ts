import { describe, expect, it } from '@jest/globals';
import { compareOptionDocs } from 'sc-testkit';
import { environmentVariables } from '../src/kit/options/environment.js';
import { clusterTable, ownTable } from '../src/cluster/options/cluster-table.js';
import { serverTable } from '../src/server/options.js';

const source = (path: string) => new URL(`../src/${path}`, import.meta.url);
const ofServer = [
  'server/options.ts',
  'server/legacy-options.ts',
  'server/http-timeouts.ts',
  'auth/options.ts',
  'sessions/options.ts',
].map(source);
const ofCluster = ['cluster-table.ts', 'supervisor-options.ts', 'store-options.ts', 'shared-stores.ts'].map((name) =>
  source(`cluster/options/${name}`),
);

describe('docs/options.md', () => {
  it('says of every option of a server and of a cluster what its declaration says', () => {
    const { is, should } = compareOptionDocs([
      { title: 'Server options', table: serverTable, sources: ofServer },
      { title: 'Cluster options', table: ownTable, sources: [...ofCluster, ...ofServer] },
    ]);
    expect(is).toEqual(should);
    expect(Object.values(should).join()).not.toContain('(no explanation)');
  });
});

describe('a declared option', () => {
  it('is an option of the launcher, with an environment variable unless it has no form in text', () => {
    const variables = new Set(environmentVariables(clusterTable).map(({ option }) => option));
    const without = Object.keys({ ...serverTable, ...ownTable }).filter((name) => !variables.has(name));
    expect(without.sort()).toEqual(['authEngine', 'codecEngine', 'codecs', 'logger', 'protocolFiles', 'store']);
  });
});

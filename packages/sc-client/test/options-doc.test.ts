import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compareOptionDocs } from 'sc-testkit';
import { iterateTable } from '../../sc-channel/src/channel-iterator.js';
import { subscribeTable } from '../../sc-channel/src/subscribe-options.js';
import { clientTable } from '../src/options.js';

const at = (path: string) => new URL(`../${path}`, import.meta.url);

describe('docs/options.md', () => {
  it('says of every option of a client what its declaration says', () => {
    const { is, should } = compareOptionDocs([
      { title: 'Client options', table: clientTable, sources: [at('src/options.ts')] },
      {
        title: 'Subscription options',
        table: subscribeTable,
        sources: [at('../sc-channel/src/subscribe-options.ts')],
      },
      { title: 'Iteration options', table: iterateTable, sources: [at('../sc-channel/src/channel-iterator.ts')] },
    ]);
    expect(is).toEqual(should);
    expect(Object.values(should).join()).not.toContain('(no explanation)');
  });

  it('has a heading for every option of a token cookie, and for nothing else', () => {
    const sections = readFileSync(at('../../docs/options.md'), 'utf8').split(/^## /m);
    const section = sections.find((text) => text.startsWith('Token cookie options\n')) ?? '';
    const source = readFileSync(at('src/cookie-token-store.ts'), 'utf8');
    const [, body = ''] = /^export interface CookieOptions \{$([^]*?)^\}$/m.exec(source) ?? [];
    const fields = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, field = '']) => field);
    expect([...section.matchAll(/^### (\S+)$/gm)].map(([, heading = '']) => heading)).toStrictEqual(fields);
    expect(fields.length).toBeGreaterThan(0);
  });
});

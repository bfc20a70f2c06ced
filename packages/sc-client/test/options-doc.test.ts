import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const sections = textOf('../../docs/options.md').split(/^## /m);

/** Names of the optional fields of an interface. */
function fieldsOf(path: string, name: string): string[] {
  const [, body = ''] = new RegExp(`^export interface ${name} \\{$([^]*?)^\\}$`, 'm').exec(textOf(path)) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, field = '']) => field);
}

describe('docs/options.md', () => {
  it.each([
    ['Client options', 'src/options.ts', 'ClientOptions'],
    ['Token cookie options', 'src/cookie-token-store.ts', 'CookieOptions'],
    ['Subscription options', '../sc-channel/src/subscribe-options.ts', 'SubscribeOptions'],
    ['Iteration options', '../sc-channel/src/channel-iterator.ts', 'IterateOptions'],
  ])('has under "%s" a heading for every option, and for nothing else', (title, path, name) => {
    const section = sections.find((text) => text.startsWith(`${title}\n`)) ?? '';
    const headings = [...section.matchAll(/^### (\S+)$/gm)].map(([, heading = '']) => heading);
    expect(headings).toStrictEqual(fieldsOf(path, name));
    expect(headings.length).toBeGreaterThan(0);
  });
});

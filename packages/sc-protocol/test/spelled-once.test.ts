import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const product = ['sc-channel', 'sc-client', 'ndata-store', 'sc-worker-pool', 'sc-balancer', 'sc-server', 'sc-cli'];

/** Literals that begin like an event of the protocol and are none, each with the reason. */
const allowed: Readonly<Record<string, string>> = {
  'sc-server/src/channels/internal-channel.ts': 'the prefix of channels that clients cannot use',
};

describe('the events of the protocol', () => {
  it.each(product)('are spelled by sc-protocol alone, and not in the sources of %s', (name) => {
    const found: string[] = [];
    for (const entry of readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      const path = `${name}/src/${entry.replaceAll('\\', '/')}`;
      if (!entry.endsWith('.ts') || Object.hasOwn(allowed, path)) continue;
      const source = readFileSync(join(packages, path), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
      for (const [literal] of source.matchAll(/(['"`])(\{"event":")?#[a-zA-Z][\w.]*/g))
        found.push(`${path}: ${literal}`);
      if (/"(event|rid|cid)":/.test(source)) found.push(`${path}: a field of a frame`);
    }
    expect(found).toEqual([]);
  });
});

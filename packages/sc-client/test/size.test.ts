import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './support/bundle.js';

/** Of the module as a page loads it in production, bundled with everything it needs and minified by esbuild. */
const coreLimitBytes = 14.6 * 1024;

/** The same with every part that is opt-in: the token store of cookies and the MessagePack codec. */
const everythingLimitBytes = 17 * 1024;

/** The script with the checks of options, which report all refusals at once, for a `<script>` tag. */
const scriptLimitBytes = 17.4 * 1024;

const require = createRequire(import.meta.url);
const gzippedBytes = (content: Uint8Array): number => gzipSync(content, { level: 9 }).length;

async function moduleBytes(...imports: readonly [name: string, value: string][]): Promise<number> {
  const program = imports.map(([name, value]) => `import { ${value} } from '${name}'; globalThis.${value} = ${value};`);
  return gzippedBytes(await bundle(program.join('\n')));
}

function scriptBytes(name: string, path: string): number {
  return gzippedBytes(readFileSync(join(dirname(require.resolve(`${name}/package.json`)), path)));
}

describe('the size of what a page loads, minified and compressed', () => {
  it('is within its limit, and printed beside others measured the same way', async () => {
    const modules = {
      'sc-client': await moduleBytes(['sc-client', 'connect']),
      'sc-client with everything': await moduleBytes(
        ['sc-client', 'connect'],
        ['sc-client/cookie', 'cookieTokenStore'],
        ['sc-client/msgpack', 'msgpackCodec'],
      ),
      'socket.io-client': await moduleBytes(['socket.io-client', 'io']),
      'socketcluster-client@20': await moduleBytes(['socketcluster-client', 'create']),
    };
    const scripts = {
      'sc-client': scriptBytes('sc-client', 'dist/browser/socketcluster.min.js'),
      'socket.io-client': scriptBytes('socket.io-client', 'dist/socket.io.min.js'),
      'socketcluster-client@20': scriptBytes('socketcluster-client', 'socketcluster-client.min.js'),
    };
    for (const [kind, sizes] of Object.entries({ module: modules, script: scripts })) {
      const listed = Object.entries(sizes).map(([name, bytes]) => `${name} ${(bytes / 1024).toFixed(1)} KB`);
      process.stdout.write(`As a ${kind}: ${listed.join(', ')}\n`);
    }
    expect(modules['sc-client']).toBeLessThanOrEqual(coreLimitBytes);
    expect(modules['sc-client with everything']).toBeLessThanOrEqual(everythingLimitBytes);
    expect(scripts['sc-client']).toBeLessThanOrEqual(scriptLimitBytes);
  });
});

import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { bundle } from './support/bundle.js';

const limitBytes = 14 * 1024;

async function gzippedBytes(program: string): Promise<number> {
  return gzipSync(await bundle(program), { level: 9 }).length;
}

describe('the size of what a page loads, minified and compressed', () => {
  it('is within its limit, and printed beside others measured the same way', async () => {
    const sizes = {
      'sc-client': await gzippedBytes(`import { connect } from 'sc-client'; globalThis.connect = connect;`),
      'socket.io-client': await gzippedBytes(`import { io } from 'socket.io-client'; globalThis.connect = io;`),
      'socketcluster-client@20': await gzippedBytes(
        `import { create } from 'socketcluster-client'; globalThis.connect = create;`,
      ),
    };
    process.stdout.write(
      `${Object.entries(sizes)
        .map(([name, bytes]) => `${name} ${(bytes / 1024).toFixed(1)} KB`)
        .join(', ')}\n`,
    );
    expect(sizes['sc-client']).toBeLessThanOrEqual(limitBytes);
    expect(sizes['sc-client']).toBeLessThan(sizes['socket.io-client']);
  });
});

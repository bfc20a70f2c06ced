import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir } from 'sc-testkit';
import { installIn, installedIn } from './support.js';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

const megabyte = 1024 * 1024;

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe('the weight of an installation', () => {
  it.each([
    // A third of it is sources and source maps.
    ['sc-server', 20, 6.75],
    ['sc-client', 4, 2],
    ['ndata-store', 3, 2.75],
  ])(
    '%s: at most %d packages and %p MB',
    async (name, mostPackages, mostMegabytes) => {
      const directory = cleanup.add(tempDir(), (created) => created.remove()).path;
      await installIn(directory, [name]);
      expect(installedIn(directory).length).toBeLessThanOrEqual(mostPackages);
      expect(bytesIn(join(directory, 'node_modules')) / megabyte).toBeLessThanOrEqual(mostMegabytes);
    },
    180_000,
  );
});

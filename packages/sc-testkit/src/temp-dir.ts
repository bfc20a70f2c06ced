import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  remove(): void;
}

/** A new empty directory. Its path is short enough to hold unix sockets. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'sc-'));
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders made for a test, and a way to remove them all. */
export class TempFolders {
  #folders: string[] = [];

  make(): string {
    const folder = mkdtempSync(join(tmpdir(), 'ndata-test-'));
    this.#folders.push(folder);
    return folder;
  }

  /** A place for a socket, in a folder that does not exist yet. */
  socketPath(name = 's.sock'): string {
    return join(this.make(), 'private', name);
  }

  remove(): void {
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, tempDir, waitFor } from 'sc-testkit';
import { watchFiles } from '../../src/cluster/tls/watch-files.js';

describe('the watch over the files of a certificate', () => {
  const cleanup = createCleanup();
  afterEach(() => cleanup.run());

  const makeFiles = (names: readonly string[]) => {
    const { path } = cleanup.add(tempDir(), (made) => made.remove());
    const files = names.map((name) => join(path, name));
    for (const file of files) writeFileSync(file, 'old');
    return files;
  };

  it('tells once that a key and its certificate have changed together', async () => {
    const [key = '', certificate = '', other = ''] = makeFiles(['key.pem', 'cert.pem', 'other.pem']);
    let [changes, others] = [0, 0];
    cleanup.add(
      watchFiles([key, certificate], () => changes++),
      (stop) => stop(),
    );
    cleanup.add(
      watchFiles([other], () => others++),
      (stop) => stop(),
    );
    writeFileSync(key, 'a new key');
    writeFileSync(certificate, 'a new certificate');
    await waitFor(() => changes > 0, { what: 'the change to be told' });
    // By the time that a later change is told nothing more has come of the first ones.
    writeFileSync(other, 'another file');
    await waitFor(() => others > 0, { what: 'the change of another file to be told' });
    expect([changes, others]).toEqual([1, 1]);
  });

  it('notices a file that another one takes the place of, and a link that leads elsewhere', async () => {
    const [file = '', next = '', first = '', second = ''] = makeFiles(['cert', 'cert.new', 'first', 'second']);
    const link = `${first}.link`;
    symlinkSync(first, link);
    writeFileSync(second, 'the second certificate');
    writeFileSync(next, 'the next certificate');
    let [renames, links] = [0, 0];
    cleanup.add(
      watchFiles([file], () => renames++),
      (stop) => stop(),
    );
    cleanup.add(
      watchFiles([link], () => links++),
      (stop) => stop(),
    );
    renameSync(next, file);
    unlinkSync(link);
    symlinkSync(second, link);
    await waitFor(() => renames > 0 && links > 0, { what: 'both changes to be told' });
    expect([renames, links]).toEqual([1, 1]);
  });
});

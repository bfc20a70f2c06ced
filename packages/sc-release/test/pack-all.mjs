// Packs every package that is published, as `pnpm publish` does, into one directory for all tests.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

export default function packAll() {
  const tarballs = mkdtempSync(join(tmpdir(), 'sc-release-'));
  process.on('exit', () => rmSync(tarballs, { recursive: true, force: true }));
  process.env.SC_RELEASE_TARBALLS = tarballs;
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  for (const name of readdirSync(packages)) {
    const cwd = join(packages, name);
    if (!existsSync(join(cwd, 'package.json'))) continue;
    if (JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).private === true) continue;
    execFileSync('pnpm', ['pack', '--pack-destination', tarballs], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

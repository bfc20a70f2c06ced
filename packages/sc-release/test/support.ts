import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess, type FinishedProcess } from 'sc-testkit';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const tarballs = process.env['SC_RELEASE_TARBALLS'] ?? '';
const { resolve } = createRequire(import.meta.url);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly repository?: { readonly directory?: string };
  readonly homepage?: string;
  readonly bugs?: string;
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A packed package: its file, its manifest, and what else it holds. */
export interface Packed {
  readonly file: string;
  readonly manifest: Manifest;
  readonly paths: readonly string[];
  read(path: string): string;
}

/** Every tarball, unpacked nowhere: read through tar. */
export const packed: readonly Packed[] = readdirSync(tarballs)
  .filter((name) => name.endsWith('.tgz'))
  .map((name) => {
    const file = join(tarballs, name);
    const tar = (...args: string[]) => execFileSync('tar', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const read = (path: string) => tar('-xzOf', file, `package/${path}`);
    const paths = tar('-tzf', file)
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    return { file, paths, read, manifest: JSON.parse(read('package.json')) as Manifest };
  });

/** Importable entries: `sc-protocol`, `sc-protocol/msgpack`, … */
export const entries: readonly string[] = packed.flatMap(({ manifest: { name, exports = {} } }) =>
  Object.keys(exports)
    .filter((key) => key !== './package.json')
    .map((key) => `${name}${key.slice(1)}`),
);

/** The Node that runs this and, when asked for, others: npm has each as a package. */
export const nodeVersions: readonly string[] = [
  'current',
  ...(process.env['SC_RELEASE_NODES'] ?? (process.env['CI'] === 'true' ? '22,24' : '')).split(',').filter(Boolean),
];

/** npm as a person runs it, with the given Node, without what the package manager of this test put in the environment. */
export function npm(
  args: readonly string[],
  cwd: string,
  node = 'current',
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<FinishedProcess> {
  const inherited = Object.keys(process.env).filter((name) => /^(npm|pnpm)_/i.test(name));
  const other = ['exec', '--yes', `--package=node@${node}`, '--', 'npm'];
  return runProcess('npm', {
    program: '/usr/bin/env',
    args: [...(node === 'current' ? [] : other), ...args],
    cwd,
    env: {
      ...Object.fromEntries(inherited.map((name) => [name, undefined])),
      FORCE_COLOR: undefined,
      NODE_OPTIONS: undefined,
      SC_PACKAGES: tarballs,
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
      npm_config_ignore_scripts: 'true',
      npm_config_prefer_offline: 'true',
      ...env,
    },
    deadlineMs: 180_000,
  });
}

/**
 * Installs these packages from their tarballs, and what they need of ours likewise. A `package.json` that is there keeps
 * its fields.
 */
export async function installIn(directory: string, names: readonly string[], node?: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const fromFile = Object.fromEntries(packed.map(({ file, manifest }) => [manifest.name, `file:${file}`]));
  const overrides = Object.entries(fromFile).filter(([name]) => !names.includes(name));
  const file = join(directory, 'package.json');
  const fields: object = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as object)
    : { name: 'stranger', version: '0.0.0', private: true };
  const manifest = {
    ...fields,
    dependencies: Object.fromEntries(names.map((name) => [name, fromFile[name]])),
    overrides: Object.fromEntries(overrides),
  };
  writeFileSync(file, JSON.stringify(manifest));
  const { code, stderr } = await npm(['install'], directory, node);
  if (code !== 0) throw new Error(`npm install of ${names.join(', ')} failed:\n${stderr}`);
}

/** Names and versions of all that npm installed in a directory. */
export function installedIn(directory: string): readonly string[] {
  const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8')) as { packages: object };
  // The first entry is the project itself.
  return Object.keys(lock.packages).slice(1);
}

/** Lends a project the types of Node, which whoever compiles against a Node package has. */
export function lendTypes(directory: string): void {
  mkdirSync(join(directory, 'node_modules', '@types'), { recursive: true });
  for (const name of ['node', 'react']) {
    symlinkSync(dirname(resolve(`@types/${name}/package.json`)), join(directory, 'node_modules', '@types', name));
  }
}

export function programOf(name: string, path: string): string {
  return join(dirname(resolve(`${name}/package.json`)), path);
}

// `npm run release`: publishes every package whose version the registry does not have yet, unless a name belongs to somebody else.
// `--check` only checks the names; `--prepare DIRECTORY` only makes what would be published.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foreignNames, readPackument } from './lib/registry.mjs';
import { checkScope, ownRepository, preparePackages, publishedNames } from './lib/release-packages.mjs';
import { run } from './lib/run.mjs';
import { root, toolEnvironment, turbo } from './lib/workspace.mjs';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    prepare: { type: 'string' },
    /** Instead of the registry that npm is configured for. */
    registry: { type: 'string' },
    /** Instead of `config.publishScope` in package.json. */
    scope: { type: 'string' },
  },
});

const { config } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const registryOfNpm = () =>
  execFileSync('npm', ['config', 'get', 'registry'], { cwd: tmpdir(), encoding: 'utf8' }).trim();

try {
  process.exitCode = await release(checkScope(values.scope ?? config.publishScope));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function release(scope) {
  if (values.prepare !== undefined) {
    for (const { directory, manifest } of preparePackages(values.prepare, scope)) {
      console.log(`${manifest.name}@${manifest.version} in ${directory}`);
    }
    return 0;
  }
  const registry = values.registry ?? registryOfNpm();
  if (!(await areNamesOurs(scope, registry))) return 1;
  if (values.check) return 0;
  const failed = await turbo(['build']);
  if (failed !== 0) return failed;
  const directory = mkdtempSync(join(tmpdir(), 'sc-publish-'));
  try {
    for (const prepared of preparePackages(directory, scope)) {
      const code = await publish(prepared, registry);
      if (code !== 0) return code;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return run('changeset', ['tag'], { cwd: root, env: toolEnvironment() });
}

/** Publishes one package, unless the registry has this version: a release that was interrupted can be repeated. */
async function publish({ directory, manifest: { name, version } }, registry) {
  const packument = await readPackument(registry, name);
  if (packument?.versions.includes(version)) {
    console.log(`${name}@${version} is published already`);
    return 0;
  }
  return run('npm', ['publish', '--access', 'public', '--registry', registry], { cwd: directory });
}

async function areNamesOurs(scope, registry) {
  const foreign = await foreignNames(registry, publishedNames(scope), ownRepository());
  if (foreign.length === 0) {
    console.log(`The names of all ${publishedNames(scope).length} packages are free or ours`);
    return true;
  }
  for (const { name, repository } of foreign) console.error(`${name} belongs to somebody else: ${repository}`);
  console.error(`
No package was published. There are two ways out:
1. Ask the owners to transfer the names (npm owner add), and make a release from this repository the newest.
2. Publish under a scope of your own: set \`config.publishScope\` in package.json to "@yourscope". Imports in code stay as they
   are; people install "@yourscope/sc-server".`);
  return false;
}

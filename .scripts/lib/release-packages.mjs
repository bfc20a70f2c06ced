// The packages of a release as npm gets them: packed by pnpm, unpacked, and named for the scope of the release.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment, workspacePackages } from './workspace.mjs';

/** A scope as npm allows it: `@name`. */
const scopePattern = /^@[a-z0-9][a-z0-9._-]*$/;

/** Throws for a `publishScope` that npm would refuse. */
export function checkScope(scope) {
  if (scope === '' || scopePattern.test(scope)) return scope;
  throw new Error(
    `\`config.publishScope\` in package.json must be a scope such as "@yourname", or "" for none, got ${JSON.stringify(scope)}`,
  );
}

const published = () => workspacePackages().filter(({ manifest }) => manifest.private !== true);

/** The repository that the packages name as theirs. */
export const ownRepository = () => published()[0]?.manifest.repository;

/** The names under which the packages would be published. */
export function publishedNames(scope) {
  return published().map(({ manifest }) => scopedName(scope, manifest.name));
}

/**
 * Packs every published package into `directory`, one folder each, dependencies before dependents. With a scope, code keeps its
 * imports: each dependency on a package of ours becomes an alias (`"sc-protocol": "npm:@scope/sc-protocol@1.0.0"`).
 */
export function preparePackages(directory, scope) {
  rmSync(directory, { recursive: true, force: true });
  const ours = published();
  const prepared = ours.map(({ directory: cwd, manifest: { name } }) => {
    const to = join(directory, name);
    mkdirSync(to, { recursive: true });
    execFileSync('pnpm', ['pack', '--pack-destination', to], { cwd, env: toolEnvironment(), stdio: 'ignore' });
    execFileSync('sh', ['-c', 'tar -xzf *.tgz --strip-components=1 && rm *.tgz'], { cwd: to });
    const file = join(to, 'package.json');
    const manifest = withScope(
      JSON.parse(readFileSync(file, 'utf8')),
      scope,
      new Set(ours.map((each) => each.manifest.name)),
    );
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    return { directory: to, name, manifest };
  });
  return inOrder(prepared);
}

function withScope(manifest, scope, ours) {
  if (scope === '') return manifest;
  const dependencies = Object.entries(manifest.dependencies ?? {}).map(([name, version]) => [
    name,
    ours.has(name) ? `npm:${scopedName(scope, name)}@${version}` : version,
  ]);
  return { ...manifest, name: scopedName(scope, manifest.name), dependencies: Object.fromEntries(dependencies) };
}

const scopedName = (scope, name) => (scope === '' ? name : `${scope}/${name}`);

/** Dependencies first, so that a release that is interrupted leaves nothing that cannot be installed. */
function inOrder(packages) {
  const ordered = [];
  const add = (each) => {
    if (ordered.includes(each)) return;
    for (const dependency of Object.keys(each.manifest.dependencies ?? {})) {
      const found = packages.find(({ name }) => name === dependency);
      if (found !== undefined) add(found);
    }
    ordered.push(each);
  };
  for (const each of packages) add(each);
  return ordered;
}

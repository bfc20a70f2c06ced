// `npm test`: installs the dependencies if needed, checks, builds, and runs every test. Needs only Node and npm.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { otherNodes, resultsOnNode, testOnNode } from './lib/other-nodes.mjs';
import { printSummary } from './lib/summary.mjs';
import { checkNode, install, turbo, workspacePackages } from './lib/workspace.mjs';

const quiet = '--output-logs=errors-only';
const turboStep = (name, tasks, ...options) => ({ name, run: () => turbo(tasks, ['--continue', ...options]) });

const checks = ['//#format', '//#sherif', '//#lint', '//#language', '//#layers', '//#knip', 'typecheck', 'shape'];

/** Steps run even if an earlier one failed, except after a failed build. */
const steps = [
  { ...turboStep('build', ['build'], quiet), isNeeded: true },
  turboStep('format, lint, language, layers, types, package shape', checks, '--concurrency=3', quiet),
  { ...turboStep('tests', ['test'], '--concurrency=1', '--output-logs=new-only'), hasResults: true },
];
const resultFiles = workspacePackages()
  .filter(({ manifest }) => manifest.scripts?.test !== undefined)
  .map(({ directory, manifest }) => ({ name: manifest.name, file: join(directory, '.test-results.json') }));
if (process.env.CI === 'true') {
  for (const version of otherNodes) {
    steps.push({ name: `Node ${version}`, run: () => testOnNode(version), hasResults: true });
    resultFiles.push(...resultsOnNode(version));
  }
}

checkNode();
const failedSteps = [];
if ((await install()) !== 0) {
  failedSteps.push({ name: 'install' });
} else {
  // Delete old results, so that every file found after the run was written, or restored from the cache, by this run.
  for (const { file } of resultFiles) rmSync(file, { force: true });
  for (const step of steps) {
    console.log(`\n=== ${step.name} ===`);
    if ((await step.run()) === 0) continue;
    failedSteps.push(step);
    if (step.isNeeded) break;
  }
}
process.exitCode = printSummary(resultFiles, failedSteps);

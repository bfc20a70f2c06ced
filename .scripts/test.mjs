// `npm test`: installs the dependencies if needed, checks, builds, and runs the tests that fit into a few minutes. With
// `CI=true` it runs all of them. Needs only Node and npm.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeLeftOut, isWhole, laneVariable } from './lib/lanes.mjs';
import { otherNodes, resultsOnNode, testOnNode } from './lib/other-nodes.mjs';
import { printSummary } from './lib/summary.mjs';
import { checkNode, install, turbo, workspacePackages } from './lib/workspace.mjs';

const quiet = '--output-logs=errors-only';
const turboStep = (name, tasks, ...options) => ({ name, run: () => turbo(tasks, ['--continue', ...options]) });

const checks = ['//#format', '//#sherif', '//#lint', '//#language', '//#layers', '//#knip', 'typecheck'];
if (isWhole) checks.push('shape');
else process.env[laneVariable] = 'short';

/** Steps run even if an earlier one failed, except after a failed build. */
const steps = [
  { ...turboStep('build', ['build'], quiet), isNeeded: true },
  turboStep(
    `format, lint, language, layers, types${isWhole ? ', package shape' : ''}`,
    checks,
    '--concurrency=3',
    quiet,
  ),
  { ...turboStep('tests', ['test'], `--concurrency=${isWhole ? 1 : 2}`, '--output-logs=new-only'), hasResults: true },
];
const resultFiles = workspacePackages()
  .filter(({ manifest }) => manifest.scripts?.test !== undefined)
  .map(({ directory, manifest }) => ({ name: manifest.name, file: join(directory, '.test-results.json') }));
if (isWhole) {
  const runAll = async () => (await Promise.all(otherNodes.map(testOnNode))).find((code) => code !== 0) ?? 0;
  steps.push({ name: `Node ${otherNodes.join(' and ')}`, run: runAll, hasResults: true });
  resultFiles.push(...otherNodes.flatMap(resultsOnNode));
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
process.exitCode = printSummary(resultFiles, failedSteps, isWhole ? '' : describeLeftOut());

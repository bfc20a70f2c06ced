// `npm test`: sets up what is missing, checks, builds, and runs every test. Needs nothing but Node and npm.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { otherNodes, testOnNode } from './lib/other-nodes.mjs';
import { printSummary } from './lib/summary.mjs';
import { checkNode, install, turbo, workspacePackages } from './lib/workspace.mjs';

const quiet = '--output-logs=errors-only';
const turboStep = (name, tasks, ...options) => ({ name, run: () => turbo(tasks, ['--continue', ...options]) });

const checks = ['//#format', '//#sherif', '//#lint', '//#layers', '//#knip', 'typecheck', 'shape'];

/** Each gets its chance even when one before it failed, except after a failed build. */
const steps = [
  { ...turboStep('build', ['build'], quiet), isNeeded: true },
  turboStep('format, lint, layers, types, package shape', checks, '--concurrency=3', quiet),
  turboStep('tests', ['test'], '--concurrency=1', '--output-logs=new-only'),
];
if (process.env.CI === 'true') {
  steps.push(...otherNodes.map((version) => ({ name: `Node ${version}`, run: () => testOnNode(version) })));
}

checkNode();
const failedSteps = [];
if ((await install()) !== 0) {
  failedSteps.push('install');
} else {
  // A result that is there after the run was written, or restored from the cache, by this run.
  for (const { directory } of workspacePackages()) rmSync(join(directory, '.test-results.json'), { force: true });
  for (const step of steps) {
    console.log(`\n=== ${step.name} ===`);
    if ((await step.run()) === 0) continue;
    failedSteps.push(step.name);
    if (step.isNeeded) break;
  }
}
process.exitCode = printSummary(workspacePackages(), failedSteps);

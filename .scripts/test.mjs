// `npm test`: sets up what is missing, checks, builds, and runs every test. Needs nothing but Node and npm.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { printSummary } from './lib/summary.mjs';
import { checkNode, install, turbo, workspacePackages } from './lib/workspace.mjs';

const quiet = ['--output-logs=errors-only'];
/** Cheap ones first. Each gets its chance even when one before it failed, except after a failed build. */
const steps = [
  { name: 'format, workspace', tasks: ['//#format', '//#sherif'], options: quiet },
  { name: 'build', tasks: ['build'], options: quiet, isNeeded: true },
  { name: 'lint, layers, unused code', tasks: ['//#lint', '//#layers', '//#knip'], options: quiet },
  { name: 'types', tasks: ['typecheck'], options: quiet },
  { name: 'package shape', tasks: ['shape'], options: quiet },
  { name: 'tests', tasks: ['test'], options: ['--concurrency=1', '--output-logs=new-only'] },
];

checkNode();
const failedSteps = [];
if ((await install()) !== 0) {
  failedSteps.push('install');
} else {
  // A result that is there after the run was written, or restored from the cache, by this run.
  for (const { directory } of workspacePackages()) rmSync(join(directory, '.test-results.json'), { force: true });
  for (const step of steps) {
    console.log(`\n=== ${step.name} ===`);
    if ((await turbo(step.tasks, ['--continue', ...step.options])) === 0) continue;
    failedSteps.push(step.name);
    if (step.isNeeded) break;
  }
}
process.exitCode = printSummary(workspacePackages(), failedSteps);

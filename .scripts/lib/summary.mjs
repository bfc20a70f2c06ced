import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Prints one line for each package with tests and, last, the line `N passed, N failed`. A package without results, and
 * a failed step that no test accounts for, count as one failure each. Returns the exit code.
 */
export function printSummary(packages, failedSteps) {
  const rows = packages
    .filter(({ manifest }) => manifest.scripts?.test !== undefined)
    .map(({ directory, manifest }) => ({ name: manifest.name, ...countsOf(directory) }));
  const failedTests = sum(rows, 'failed');
  const unexplained = failedSteps.filter((step) => step !== 'tests' || failedTests === 0);

  console.log('');
  for (const row of rows) console.log(`${row.name.padEnd(28)}${row.note ?? wordsOf(row)}`);
  for (const step of unexplained) console.log(`${step.padEnd(28)}FAILED, see above`);
  const failed = failedTests + unexplained.length;
  console.log('');
  console.log(wordsOf({ passed: sum(rows, 'passed'), failed, skipped: sum(rows, 'skipped') }));
  return failed === 0 ? 0 : 1;
}

function countsOf(directory) {
  const file = join(directory, '.test-results.json');
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, note: 'NO RESULTS, counted as 1 failed' };
  const results = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: results.numPassedTests,
    // A file that cannot even be loaded has no tests that could fail.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

function wordsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

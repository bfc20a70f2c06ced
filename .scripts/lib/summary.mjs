import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * Prints each failure with its reason, one line per result file and, last, the line `N passed, N failed`, so that the
 * end of a log is sufficient. A missing result file counts as one failure, and so does a failed step without a failed
 * test. Returns the exit code.
 */
export function printSummary(resultFiles, failedSteps, leftOut = '') {
  const rows = resultFiles.map(({ name, file }) => ({ name, ...countsOf(file) }));
  const failedTests = sum(rows, 'failed');
  const unexplained = failedSteps.filter((step) => !step.hasResults || failedTests === 0);

  for (const row of rows) for (const failure of row.failures) printFailure(row.name, failure);
  console.log('');
  for (const row of rows) console.log(`${row.name.padEnd(28)}${row.note ?? `${wordsOf(row)}, ${row.seconds} s`}`);
  for (const { name } of unexplained) console.log(`${name.padEnd(28)}FAILED, see above`);
  const failed = failedTests + unexplained.length;
  if (leftOut !== '') console.log(`\n${leftOut}`);
  console.log('');
  console.log(wordsOf({ passed: sum(rows, 'passed'), failed, skipped: sum(rows, 'skipped') }));
  return failed === 0 ? 0 : 1;
}

function countsOf(file) {
  if (!existsSync(file))
    return { passed: 0, failed: 1, skipped: 0, failures: [], note: 'NO RESULTS, counted as 1 failed' };
  const results = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: results.numPassedTests,
    // A file that cannot even be loaded has no tests that could fail.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
    failures: results.testResults.flatMap(failuresOf),
    seconds: secondsOf(results.testResults),
  };
}

/** Time from the start of the first test file to the end of the last, in whole seconds. */
function secondsOf(files) {
  const start = Math.min(...files.map((file) => file.startTime));
  const end = Math.max(...files.map((file) => file.endTime));
  return files.length === 0 ? 0 : Math.round((end - start) / 1000);
}

/** The failed tests of one file, or the file itself when it could not be loaded. */
function failuresOf({ name: file, status, message, assertionResults }) {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && tests.length === 0) return [{ title: basename(file), reasons: [message] }];
  return tests.map((test) => ({ title: `${basename(file)}: ${test.fullName}`, reasons: test.failureMessages }));
}

const linesOfReason = 30;

function printFailure(packageName, { title, reasons }) {
  console.log(`\nFAILED in ${packageName}: ${title}`);
  for (const reason of reasons)
    console.log(stripVTControlCharacters(reason).split('\n').slice(0, linesOfReason).join('\n'));
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

function wordsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

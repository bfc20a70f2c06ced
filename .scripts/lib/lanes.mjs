// `npm test` runs what fits into a few minutes, `CI=true npm test` everything.
import { readFileSync } from 'node:fs';

/** The short lane leaves out the test files of `slow-tests.json`: those that took longer than this, in seconds. */
export const slowSeconds = 6;

/** Paths from the root to seconds in the last complete run that `npm run slow-tests` recorded. */
export const slowTests = JSON.parse(readFileSync(new URL('../slow-tests.json', import.meta.url), 'utf8'));

/** Set for the tests of a run that leaves out the slow ones. */
export const laneVariable = 'SC_TEST_LANE';

export const isWhole = process.env.CI === 'true';

/** Path patterns for jest to ignore; empty unless this is a short run. */
export function leftOutPatterns() {
  if (process.env[laneVariable] !== 'short') return [];
  return Object.keys(slowTests).map((path) => `/${path.replace(/[.]/g, '\\.')}$`);
}

/** Describes what a short run left out. */
export function describeLeftOut() {
  const files = Object.keys(slowTests);
  const seconds = Object.values(slowTests).reduce((total, each) => total + each, 0);
  const count = (name) => files.filter((path) => path.startsWith(`${name}/`)).length;
  const names = [
    ...new Set(
      files.map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('docs/') ? 1 : 2)
          .join('/'),
      ),
    ),
  ];
  return [
    `Left out: the shape of packages, other versions of Node, and ${files.length} test files that take ${Math.round(seconds / 60)} minutes:`,
    `  ${names.map((name) => `${name} ${count(name)}`).join(', ')}`,
    'CI=true npm test runs everything.',
  ].join('\n');
}

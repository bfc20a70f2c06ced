// Records, after `CI=true npm test`, which test files the short lane leaves out.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { slowSeconds } from './lib/lanes.mjs';
import { root, workspacePackages } from './lib/workspace.mjs';

const times = workspacePackages()
  .map(({ directory }) => join(directory, '.test-results.json'))
  .filter((file) => existsSync(file))
  .flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults)
  .map(({ name, startTime, endTime }) => [relative(root, name), Math.round((endTime - startTime) / 1000)])
  .filter(([, seconds]) => seconds > slowSeconds)
  .sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(new URL('slow-tests.json', import.meta.url), `${JSON.stringify(Object.fromEntries(times), null, 2)}\n`);
console.log(`${times.length} test files took more than ${slowSeconds} s`);

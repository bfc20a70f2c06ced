import { basename, join } from 'node:path';
import { run } from './run.mjs';
import { root, toolEnvironment } from './workspace.mjs';

/** Supported Node versions besides the one that runs this script. npm has each of them as a package. */
export const otherNodes = ['22', '24'];

/**
 * Fast suites that are likely to differ between versions: the language level, the client, and a cluster driven by raw
 * frames.
 */
const suites = [
  ['packages/sc-protocol'],
  ['packages/sc-channel'],
  ['packages/sc-client'],
  ['examples/acceptance', 'test/events.test.ts'],
];

/** The file in which jest writes its counts, for each suite run with that Node version. */
export function resultsOnNode(version) {
  return suites.map(([directory]) => ({
    name: `${basename(directory)}, Node ${version}`,
    file: join(root, directory, resultsName(version)),
  }));
}

const resultsName = (version) => `.test-results.node${version}.json`;

/** Runs the fast suites with another Node version. Resolves with 0 if all passed. */
export async function testOnNode(version) {
  const jest =
    'node --experimental-vm-modules --disable-warning=ExperimentalWarning ../../node_modules/jest/bin/jest.js';
  let failed = 0;
  for (const [directory, file = ''] of suites) {
    const command = `${jest} ${file} --reporters=summary --json --outputFile=${resultsName(version)}`;
    console.log(`--- Node ${version}: ${directory} ${file}`);
    const code = await run('npx', ['--yes', '-p', `node@${version}`, '-c', command], {
      cwd: join(root, directory),
      env: toolEnvironment(),
    });
    failed ||= code;
  }
  return failed;
}

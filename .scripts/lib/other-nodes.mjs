import { basename, join } from 'node:path';
import { run } from './run.mjs';
import { root, toolEnvironment } from './workspace.mjs';

/** The Node versions that are supported beside the one that runs this; npm has each as a package. */
export const otherNodes = ['22', '24'];

/** What is quick and likely to differ: the language level, the client, and a whole cluster driven by raw frames. */
const suites = [
  ['packages/sc-protocol'],
  ['packages/sc-channel'],
  ['packages/sc-client'],
  ['examples/acceptance', 'test/events.test.ts'],
];

/** Where jest writes what it counted with that Node, for each suite. */
export function resultsOnNode(version) {
  return suites.map(([directory]) => ({
    name: `${basename(directory)}, Node ${version}`,
    file: join(root, directory, resultsName(version)),
  }));
}

const resultsName = (version) => `.test-results.node${version}.json`;

/** Runs the fast suites with another Node. Gives 0 when all passed. */
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

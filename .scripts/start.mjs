// `npm start`: installs and builds the missing parts, then runs the chat example. Needs only Node and npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runServer } from './lib/run-server.mjs';
import { checkNode, installFor, root, turbo } from './lib/workspace.mjs';

checkNode();
const example = join(root, 'examples', 'chat');
const isBuilt = existsSync(join(root, 'packages', 'sc-server', 'dist', 'index.d.ts'));
const failed = (await installFor('example-chat')) || (await build());
process.exitCode = failed || (await runServer(join(example, 'server.js'), { cwd: example }));

async function build() {
  // Without types when they were never built, which is several times faster.
  if (!isBuilt) process.env.SC_NO_TYPES = '1';
  const packages = ['--filter=sc-server...', '--filter=sc-client...'];
  const isFailed = (await turbo(['build'], [...packages, '--output-logs=hash-only'])) !== 0;
  // Once more to see why: the short output above does not say.
  return isFailed ? turbo(['build'], [...packages, '--output-logs=errors-only']) : 0;
}

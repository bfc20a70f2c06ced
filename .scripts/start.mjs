// `npm start`: sets up what is missing and runs the chat example. Needs nothing but Node and npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runServer } from './lib/run-server.mjs';
import { checkNode, install, root, turbo } from './lib/workspace.mjs';

checkNode();
const example = join(root, 'examples', 'chat');
const isBuilt = existsSync(join(root, 'packages', 'sc-server', 'dist', 'index.d.ts'));
const failed = (await install()) || (await build());
process.exitCode = failed || (await runServer(join(example, 'server.js'), { cwd: example }));

function build() {
  // Without types when they were never built, which is several times faster.
  if (!isBuilt) process.env.SC_NO_TYPES = '1';
  return turbo(['build'], ['--filter=sc-server...', '--filter=sc-client...', '--output-logs=hash-only']);
}

// `npm start`: sets up what is missing and runs the chat example. Needs nothing but Node and npm.
import { join } from 'node:path';
import { runServer } from './lib/run-server.mjs';
import { checkNode, install, root, turbo } from './lib/workspace.mjs';

checkNode();
const example = join(root, 'examples', 'chat');
const failed =
  (await install()) ||
  (await turbo(['build'], ['--filter=sc-server...', '--filter=sc-client...', '--output-logs=hash-only']));
process.exitCode = failed || (await runServer(join(example, 'server.js'), { cwd: example }));

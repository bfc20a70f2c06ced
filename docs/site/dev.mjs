// Serves the site with live updates.
import { join } from 'node:path';
import { createServer } from 'vitepress';
import { root } from './pages.mjs';
import { writeReference } from './reference.mjs';

await writeReference();
const server = await createServer(join(root, 'docs'));
await server.listen();
server.printUrls();

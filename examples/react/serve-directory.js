import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css' };

/** Returns a request handler for the files of a directory, which are read once. Other paths are not accessible. */
export function serveDirectory(directory) {
  const root = directory instanceof URL ? fileURLToPath(directory) : directory;
  const files = new Map();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length).replace(/^\/?/, '/'), { type: types[extname(path)], body: readFileSync(path) });
  }
  files.set('/', files.get('/index.html'));
  return (request, response) => {
    const found = files.get(request.url);
    if (found === undefined) return response.writeHead(404).end('Not found\n');
    response.writeHead(200, { 'content-type': found.type ?? 'application/octet-stream' }).end(found.body);
  };
}

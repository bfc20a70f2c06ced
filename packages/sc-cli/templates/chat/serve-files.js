import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
const clientScript = join(resolve('sc-client/package.json'), '../dist/browser/socketcluster.min.js');
const headers = { 'content-security-policy': "default-src 'self'", 'x-content-type-options': 'nosniff' };

/** Returns a request handler for the page and its scripts, which are read once. */
export function serveFiles() {
  const file = (name, type) => ({ type, body: readFileSync(fileURLToPath(new URL(name, import.meta.url))) });
  const files = new Map([
    ['/', file('public/index.html', 'text/html')],
    ['/style.css', file('public/style.css', 'text/css')],
    ['/chat.js', file('public/chat.js', 'text/javascript')],
    ['/icon.svg', file('public/icon.svg', 'image/svg+xml')],
    ['/socketcluster.js', { type: 'text/javascript', body: readFileSync(clientScript) }],
  ]);
  return (request, response) => {
    const found = files.get(request.url);
    if (found === undefined) return response.writeHead(404, headers).end('Not found');
    response.writeHead(200, { ...headers, 'content-type': `${found.type}; charset=utf-8` }).end(found.body);
  };
}

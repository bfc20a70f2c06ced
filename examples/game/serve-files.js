import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const client = new URL('dist/browser/socketcluster.min.js', `file://${resolve('sc-client/package.json')}`);

/** Returns a request handler for the files of the page. */
export function serveFiles() {
  const file = (name, type) => ({ type, body: readFileSync(new URL(name, import.meta.url)) });
  const files = new Map([
    ['/', file('public/index.html', 'text/html; charset=utf-8')],
    ['/game.js', file('public/game.js', 'text/javascript; charset=utf-8')],
    ['/icon.svg', file('public/icon.svg', 'image/svg+xml')],
    ['/socketcluster.min.js', file(client, 'text/javascript; charset=utf-8')],
  ]);
  return (request, response) => {
    const found = files.get(request.url);
    if (found === undefined) return response.writeHead(404).end('Not found\n');
    response.writeHead(200, { 'content-type': found.type }).end(found.body);
  };
}

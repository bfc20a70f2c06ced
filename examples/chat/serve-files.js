import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const client = new URL('dist/browser/socketcluster.min.js', `file://${resolve('sc-client/package.json')}`);

const headers = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Returns a request handler for the few files of the page, which are read once. */
export function serveFiles() {
  const file = (name, type) => ({ type, body: readFileSync(new URL(name, import.meta.url)) });
  const files = new Map([
    ['/', file('public/index.html', 'text/html; charset=utf-8')],
    ['/style.css', file('public/style.css', 'text/css; charset=utf-8')],
    ['/chat.js', file('public/chat.js', 'text/javascript; charset=utf-8')],
    ['/icon.svg', file('public/icon.svg', 'image/svg+xml')],
    ['/socketcluster.min.js', file(client, 'text/javascript; charset=utf-8')],
  ]);
  return (request, response) => {
    const [path] = request.url.split('?');
    const found = files.get(path);
    if (found === undefined) {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    } else {
      response.writeHead(200, { ...headers, 'content-type': found.type, 'content-length': found.body.length });
      response.end(request.method === 'GET' ? found.body : undefined);
    }
  };
}

import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { resolve } = createRequire(import.meta.url);
const clientScript = join(resolve('sc-client/package.json'), '../dist/browser/socketcluster.min.js');

/** Returns a request handler for the page and its scripts, which are read once. */
export async function serveFiles(): Promise<RequestListener> {
  const files = new Map([
    ['/', { type: 'text/html', body: read('../public/index.html') }],
    ['/style.css', { type: 'text/css', body: read('../public/style.css') }],
    ['/icon.svg', { type: 'image/svg+xml', body: read('../public/icon.svg') }],
    ['/page.js', { type: 'text/javascript', body: await pageScript() }],
    ['/socketcluster.js', { type: 'text/javascript', body: readFileSync(clientScript, 'utf8') }],
  ]);
  return (request, response) => {
    const found = files.get(request.url ?? '');
    if (found === undefined) response.writeHead(404).end('Not found');
    else response.writeHead(200, { 'content-type': `${found.type}; charset=utf-8` }).end(found.body);
  };
}

/** Browsers do not run TypeScript. A built app has the compiled script; under tsx it is compiled here. */
async function pageScript(): Promise<string> {
  if (import.meta.url.endsWith('.js')) return read('page.js');
  const { transformSync } = await import('esbuild');
  return transformSync(read('page.ts'), { loader: 'ts', target: 'es2022' }).code;
}

function read(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
}

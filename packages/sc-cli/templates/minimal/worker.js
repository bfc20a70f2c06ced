// Your app. Each worker process runs this file.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (name, type) => ({ type, body: readFileSync(fileURLToPath(new URL(name, import.meta.url))) });
const files = {
  '/': file('public/index.html', 'text/html; charset=utf-8'),
  '/app.js': file('public/app.js', 'text/javascript; charset=utf-8'),
  '/icon.svg': file('public/icon.svg', 'image/svg+xml'),
  '/socketcluster.js': file(
    'node_modules/sc-client/dist/browser/socketcluster.min.js',
    'text/javascript; charset=utf-8',
  ),
};

export function run(worker) {
  const { httpServer, scServer } = worker;

  // Plain Node. An Express or Fastify app works as well: httpServer.on('request', app).
  httpServer.on('request', (request, response) => {
    const found = files[request.url];
    if (found === undefined) return response.writeHead(404).end('Not found');
    response.writeHead(200, { 'content-type': found.type }).end(found.body);
  });

  scServer.on('connection', (socket) => {
    // A procedure: the return value is the answer, an exception is sent to the caller as an error.
    socket.handle('hello', (name) => `Hello ${String(name)}, this is worker ${worker.id}`);
  });

  // Clients publish to the channel "wall" directly; this middleware decides which publications are allowed.
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async ({ channel, data }) => {
    if (channel !== 'wall') throw new Error('You may only publish to "wall"');
    if (typeof data !== 'string' || data.length > 200) throw new Error('Please send at most 200 characters of text');
  });
}

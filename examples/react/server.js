// Serves the page built by vite, and the sockets, in one process.
import { createServer } from 'node:http';
import { SCServer } from 'sc-server';
import { serveDirectory } from './serve-directory.js';

const httpServer = createServer(serveDirectory(process.env.BUNDLE ?? new URL('dist/', import.meta.url)));
const scServer = SCServer.attach(httpServer);
const items = [];

scServer.on('connection', (socket) => {
  socket.handle('items', () => items);
  socket.handle('add', async (text) => {
    if (typeof text !== 'string' || text.trim() === '' || text.length > 100)
      throw new Error('1 to 100 characters, please');
    items.push(text.trim());
    await scServer.exchange.publish('items', items);
  });
});
scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
  throw new Error('Please use "add"');
});

httpServer.listen(Number(process.env.PORT ?? 8000), () => {
  console.log(`Open http://localhost:${httpServer.address().port}`);
});

// Serves the page built by vite, and the sockets, in one process.
import { createServer } from 'node:http';
import { SCServer } from 'sc-server';
import { serveDirectory } from './serve-directory.js';

const httpServer = createServer(serveDirectory(process.env.BUNDLE ?? new URL('dist/', import.meta.url)));
// With history, a page that was away for a while recovers what it missed.
const scServer = SCServer.attach(httpServer, { channels: { items: { history: { size: 1000, ageMs: 3_600_000 } } } });
const items = [];

scServer.on('connection', (socket) => {
  socket.handle('items', async () => {
    // The position first: the list then has at least the changes up to it.
    const position = await scServer.exchange.position('items');
    return { state: items, position };
  });
  socket.handle('add', async (text) => {
    if (typeof text !== 'string' || text.trim() === '' || text.length > 100)
      throw new Error('1 to 100 characters, please');
    const item = { id: items.length + 1, text: text.trim() };
    items.push(item);
    await scServer.exchange.publish('items', item);
  });
});
scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
  throw new Error('Please use "add"');
});

httpServer.listen(Number(process.env.PORT ?? 8000), () => {
  console.log(`Open http://localhost:${httpServer.address().port}`);
});

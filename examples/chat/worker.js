// The chat. Both workers run this file; a publication of one reaches the clients of both.
import { cleanName, cleanText } from './clean.js';
import { serveFiles } from './serve-files.js';

export function run(worker) {
  const { exchange, httpServer, scServer } = worker;
  httpServer.on('request', serveFiles());

  scServer.on('connection', (socket) => {
    socket.handle('where', () => ({ worker: worker.id, pid: process.pid }));

    socket.handle('enter', async (name) => {
      const username = cleanName(name);
      await socket.setAuthToken({ username });
      return username;
    });

    socket.handle('leave', () => socket.removeAuthToken());

    // Clients do not publish directly, so that a message carries the name known to the server, not one that the client
    // claims.
    socket.handle('say', async ({ channel, text, id }) => {
      const from = socket.getAuthToken()?.username;
      if (from === undefined) throw new Error('Please enter a name first.');
      const message = { from, text: cleanText(text), at: Date.now(), worker: worker.id };
      // A page that does not know whether its message arrived sends it again, with the same id.
      const once = id === undefined ? {} : { id: `${from} ${cleanName(id)}` };
      await exchange.publish(`chat/${cleanName(channel)}`, message, once);
    });
  });

  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please use the procedure "say".');
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ channel }) => {
    if (!channel.startsWith('chat/')) throw new Error(`There is no channel ${channel}.`);
  });
}

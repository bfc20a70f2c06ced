// The chat. Each worker process runs this file; a publication of one reaches the clients of all.
import { randomUUID } from 'node:crypto';
import { serveFiles } from './serve-files.js';
import { createUsers } from './users.js';

const kept = 50;

export function run(worker) {
  const { exchange, httpServer, scServer } = worker;
  const users = createUsers(exchange);

  httpServer.on('request', serveFiles());

  scServer.on('connection', (socket) => {
    const me = () => socket.authToken?.username;

    // The token is signed and stored by the browser, so the next connection is already logged in.
    socket.handle('login', async ({ username, password }) => {
      await socket.setAuthToken({ username: await users.logIn(username, password) });
    });
    socket.handle('logout', () => socket.removeAuthToken());

    // Clients do not publish directly, so that a message carries the name in the token, not one that the client claims.
    socket.handle('say', async (text) => {
      if (me() === undefined) throw new Error('Please log in first.');
      const message = { id: randomUUID(), from: me(), text: cleanText(text), at: Date.now() };
      // Kept in the store, which all workers share, so that clients that connect later also receive it.
      const place = await exchange.add('messages', message);
      if (place >= kept) await exchange.splice('messages', { index: 0, count: place - kept + 1 });
      await exchange.publish('chat', message);
    });
    socket.handle('recent', async () => {
      if (me() === undefined) throw new Error('Please log in first.');
      return Object.values((await exchange.get('messages')) ?? []);
    });
  });

  // Return to allow, throw to refuse. A logout also ends the subscription, because the check then fails.
  scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ socket, channel }) => {
    if (channel !== 'chat') throw new Error(`There is no channel ${channel}.`);
    if (socket.authToken === null) throw new Error('Please log in first.');
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please use the procedure "say".');
  });
}

function cleanText(text) {
  const clean = typeof text === 'string' ? text.trim() : '';
  if (clean === '' || clean.length > 500) throw new Error('Please write 1 to 500 characters.');
  return clean;
}

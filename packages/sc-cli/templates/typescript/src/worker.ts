// Your app. Each worker process runs this file.
import type { SCSocket, SCWorker } from 'sc-server';
import type { App, Note } from './app.js';
import { serveFiles } from './serve-files.js';

export async function run(worker: SCWorker<App>): Promise<void> {
  const { exchange, httpServer, scServer } = worker;

  // Plain Node. An Express or Fastify app works as well: httpServer.on('request', app).
  httpServer.on('request', await serveFiles());

  scServer.on('connection', (socket: SCSocket<App>) => {
    // A procedure: the return value is the answer, an exception is sent to the caller as an error.
    socket.handle('hello', (name) => `Hello ${name}, this is worker ${worker.id}`);

    socket.handle('write', async (text) => {
      const note: Note = { text: checked(text), at: Date.now() };
      await exchange.publish('wall', note);
      return note;
    });
  });

  // Notes are published by the procedure "write" above, which validates them.
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please write with the procedure "write"');
  });
}

/** A client may send any value, whatever its types promise. */
function checked(text: unknown): string {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= 200) return text.trim();
  throw new Error('Please write 1 to 200 characters of text');
}

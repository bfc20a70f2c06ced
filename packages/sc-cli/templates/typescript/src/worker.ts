// Your app. Each worker process runs it.
import type { SCSocket, SCWorker } from 'sc-server';
import type { App, Note } from './app.js';
import { serveFiles } from './serve-files.js';

export async function run(worker: SCWorker<App>): Promise<void> {
  const { exchange, httpServer, scServer } = worker;

  // Plain Node. An Express or Fastify app fits here just as well: httpServer.on('request', app).
  httpServer.on('request', await serveFiles());

  scServer.on('connection', (socket: SCSocket<App>) => {
    // A procedure: what it returns is the answer, what it throws is the caller's error.
    socket.handle('hello', (name) => `Hello ${name}, this is worker ${worker.id}`);

    socket.handle('write', async (text) => {
      const note: Note = { text: checked(text), at: Date.now() };
      await exchange.publish('wall', note);
      return note;
    });
  });

  // Notes pass through "write" above, where they are looked at.
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please write with the procedure "write"');
  });
}

/** What a client sent may be anything, whatever its types say. */
function checked(text: unknown): string {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= 200) return text.trim();
  throw new Error('Please write 1 to 200 characters of text');
}

// The acceptance server's application in one process, with limits that the environment sets.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import minBin from 'sc-codec-min-bin';
import { SCServer } from 'sc-server';
import { serve } from '../../../examples/acceptance/app.js';

const { PORT, CODEC, OPTIONS = '{}' } = process.env;
const httpServer = createServer();
const scServer = SCServer.attach(httpServer, {
  authKey: 'a key for tests that is long enough',
  maxEventLoopLag: 0,
  ...JSON.parse(OPTIONS),
  ...(CODEC === 'min-bin' && { codecEngine: minBin }),
});
serve(scServer, { id: 0, workers: 0 });
let heard = 0;
scServer.on('connection', (socket) => {
  socket.on('message', () => heard++);
  socket.handle('load', () => ({ heard, heapBytes: heapInUse() }));
});
process.once('SIGTERM', () => void scServer.close());
httpServer.listen(Number(PORT), '127.0.0.1');
await once(httpServer, 'listening');
console.log(`READY ${JSON.stringify({ port: httpServer.address().port })}`);

/** Bytes in use when all garbage is gone. */
function heapInUse() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

// A server with its defaults, in a process of its own so that its memory is its own. It is told what to do over HTTP.
import { SCServer } from '../../../dist/index.js';

const scServer = await SCServer.listen(0, {
  authKey: 'a key of thirty-two bytes or more',
  host: '127.0.0.1',
  protocolVersion: 2,
  // All the load comes from one machine, which makes this process wait; that is not what is looked at here.
  maxEventLoopLag: 0,
  logger: { error: console.error, warn() {}, info() {}, debug() {} },
});
const codes = {};
let peakBytes = 0;
let slowCalls = 0;
const readers = new Set();
scServer.on('connection', (socket) => {
  socket.handle('slow', async () => {
    slowCalls += 1;
    await new Promise(() => undefined);
  });
  socket.handle('quick', () => 'here');
  socket.on('event', () => undefined);
  socket.handle('reads', () => void readers.add(socket));
});
scServer.on('disconnection', (_socket, code) => {
  codes[code] = (codes[code] ?? 0) + 1;
});
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
}, 20).unref();

const commands = {
  /** Frees what can be freed, and measures from here on. */
  async reset() {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      globalThis.gc?.();
    }
    for (const code of Object.keys(codes)) delete codes[code];
    peakBytes = process.memoryUsage().rss;
  },
  /** Publishes as fast as it is told to, and as those who read can take: what waits for them stays below their cap. */
  async publish({ channel, count, bytes, bytesPerSecond }) {
    const data = 'x'.repeat(bytes);
    const started = performance.now();
    const isBehind = () => [...readers].some(({ pendingBytes }) => pendingBytes > 300_000);
    for (let i = 1; i <= count; i++) {
      await scServer.exchange.publish(channel, data);
      const due = started + (i * bytes * 1000) / bytesPerSecond;
      if (isBehind()) await new Promise((resolve) => setImmediate(resolve));
      while (isBehind() || due - performance.now() > 1) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
  report: () => ({
    rss: process.memoryUsage().rss,
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    peakBytes,
    codes,
    slowCalls,
    connections: scServer.httpServer.connections,
    ...scServer.stats(),
  }),
};
scServer.httpServer.removeAllListeners('request');
scServer.httpServer.on('request', async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const [name, parameters] = JSON.parse(body);
  response.end(JSON.stringify((await commands[name](parameters)) ?? {}));
});
console.log(`READY ${JSON.stringify({ port: scServer.httpServer.address().port })}`);

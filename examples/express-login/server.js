// Express and sockets on one port. The login is a plain HTTP request, and its token is valid for both.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { SCServer } from 'sc-server';
import { createLogin } from './login.js';

const authKey = process.env.AUTH_KEY ?? randomBytes(32).toString('hex');
const { logIn, requireUser } = createLogin(authKey);

const app = express();
app.use(express.json({ limit: '1kb' }));
app.use(express.static(fileURLToPath(new URL('public', import.meta.url))));
const client = new URL('dist/browser/', `file://${createRequire(import.meta.url).resolve('sc-client/package.json')}`);
app.get('/socketcluster.min.js', (request, response) => {
  response.sendFile('socketcluster.min.js', { root: fileURLToPath(client) });
});

app.post('/login', async (request, response) => {
  const token = await logIn(request.body?.username, request.body?.password);
  if (token === undefined) return response.status(401).json({ error: 'Wrong name or password' });
  response.json({ token });
});
app.get('/me', requireUser, (request, response) => response.json({ username: request.user }));
// HTTP requests can publish to the sockets.
app.post('/notes', requireUser, async (request, response) => {
  await scServer.exchange.publish('notes', { from: request.user, text: String(request.body?.text).slice(0, 200) });
  response.status(204).end();
});

const httpServer = createServer(app);
// The key is the same, so the handshake of a socket accepts a token that Express signed.
const scServer = SCServer.attach(httpServer, { authKey });

scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ socket, channel }) => {
  if (channel !== 'notes') throw new Error(`There is no channel ${channel}`);
  if (socket.authToken === null) throw new Error('Please log in first');
});
scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
  throw new Error('Please send notes by POST /notes');
});
scServer.on('connection', (socket) => {
  socket.handle('whoami', () => socket.authToken?.username ?? null);
});

httpServer.listen(Number(process.env.PORT ?? 8000), () => {
  console.log(`Open http://localhost:${httpServer.address().port}`);
});

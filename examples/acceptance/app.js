// The behaviour of the server, the same in one process and in each worker of a cluster.
import { countClients } from './count-clients.js';

const isIn = (prefix) => (channel) => channel.startsWith(`${prefix}/`);
const isInternal = isIn('internal');
const isDenied = isIn('denied');
const isReadonly = isIn('readonly');
const isPrivate = isIn('private');

const denied = (channel) => new Error(`Denied: ${channel}`);

/** @param place the serving process: `{ id, workers }` */
export function serve(scServer, place) {
  const { exchange } = scServer;
  const clientsOfCluster = countClients(scServer, place);

  scServer.httpServer.on('request', (request, response) => {
    const isHello = request.method === 'GET' && new URL(request.url, 'http://localhost').pathname === '/hello';
    response.writeHead(isHello ? 200 : 404, { 'content-type': 'text/plain' });
    response.end(isHello ? 'world' : 'not found');
  });

  scServer.addMiddleware(scServer.MIDDLEWARE_HANDSHAKE, function (req, next) {
    next(new URL(req.url, 'http://localhost').searchParams.get('refuse') === '1' ? 'Refused' : undefined);
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, async ({ channel, socket }) => {
    if (isDenied(channel) || isInternal(channel)) throw denied(channel);
    if (isPrivate(channel) && socket.getAuthToken()?.username === undefined) throw denied(channel);
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, function (socket, channel, data, next) {
    next(isReadonly(channel) || isInternal(channel) ? denied(channel) : undefined);
  });

  scServer.on('connection', (socket) => {
    socket.on('echo', (data, respond) => respond(null, data));
    socket.on('reject', (text, respond) => respond(new Error(`Rejected: ${text}`)));
    socket.on('mute', () => {});
    socket.on('throw', () => {
      throw new Error('Thrown on purpose');
    });
    socket.on('rejectAsync', async () => {
      throw new Error('Rejected on purpose');
    });
    socket.on('slow', (ms, respond) => {
      const timer = setTimeout(() => respond(null, ms), ms);
      socket.once('disconnect', () => clearTimeout(timer));
    });
    socket.on('push', ({ event, data }, respond) => {
      socket.emit(event, data);
      respond(null, 'ok');
    });
    socket.on('ask', (data, respond) => socket.emit('question', data, respond));

    socket.handle('login', async ({ username, expiresIn }) => {
      // The token is in effect from `authenticate` on, whether or not the client has stored it yet.
      const isSet = new Promise((resolve) => socket.once('authenticate', resolve));
      const isStored = socket.setAuthToken(
        { username },
        expiresIn === undefined ? {} : { expiresInSeconds: expiresIn },
      );
      await Promise.race([isSet, isStored]);
      return 'ok';
    });
    socket.handle('logout', () => {
      socket.removeAuthToken();
      return 'ok';
    });
    socket.handle('whoami', () => socket.getAuthToken()?.username ?? null);
    socket.handle('kick', ({ channel, message }) => {
      socket.kickOut(channel, message);
      return 'ok';
    });
    socket.handle('broadcast', async ({ channel, data }) => {
      await exchange.publish(channel, data);
      return 'ok';
    });
    socket.handle('stats', async () => ({ clients: await clientsOfCluster() }));
    socket.handle('worker', () => ({ id: place.id, pid: process.pid }));

    socket.on('note', (data) => socket.emit('noted', data));
    socket.on('bye', ({ code, reason }) => socket.disconnect(code, reason));
  });
}

import { attach } from 'socketcluster-server-14';
import { createHttpServer, listen } from './http-server.js';

const httpServer = createHttpServer();
const server = attach(httpServer, { authKey: 'a'.repeat(64), wsEngine: 'ws' });

server.on('connection', (socket) => {
  socket.on('echo', (data, respond) => respond(null, data));
});

listen(httpServer);

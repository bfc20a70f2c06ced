import { createHttpServer, listen } from './http-server.js';
import { SCServer } from './sc-server-build.js';

const httpServer = createHttpServer();
const scServer = SCServer.attach(httpServer, {
  authKey: 'a'.repeat(64),
  inboundRate: 0,
  connectionRate: 0,
  maxEventLoopLag: 0,
});
scServer.on('connection', (socket) => {
  socket.on('echo', (data, respond) => respond(null, data));
});

listen(httpServer);

import { Server } from 'socket.io';
import { createHttpServer, listen } from './http-server.js';
import { serveSocketIo } from './socket-io-events.js';

const httpServer = createHttpServer();
const io = new Server(httpServer, { transports: ['websocket'], serveClient: false });
serveSocketIo(io);
listen(httpServer);

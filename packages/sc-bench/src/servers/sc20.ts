import { attach } from 'socketcluster-server';
import { createHttpServer, listen } from './http-server.js';

const httpServer = createHttpServer();
const server = attach(httpServer, { authKey: 'a'.repeat(64) });

void (async () => {
  for await (const { socket } of server.listener('connection')) {
    void (async () => {
      for await (const request of socket.procedure('echo')) request.end(request.data);
    })();
  }
})();

listen(httpServer);

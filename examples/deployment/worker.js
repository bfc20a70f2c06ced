export function run({ httpServer, scServer }) {
  httpServer.on('request', (request, response) => response.end('Hello over HTTP\n'));
  scServer.on('connection', (socket) => {
    socket.handle('address', () => socket.remoteAddress);
  });
}

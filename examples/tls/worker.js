export function run({ id, httpServer, scServer }) {
  httpServer.on('request', (request, response) => {
    response.setHeader('strict-transport-security', 'max-age=31536000');
    response.end(`Hello ${request.socket.remoteAddress}, this is worker ${id}\n`);
  });
  scServer.on('connection', (socket) => {
    socket.handle('where', () => ({ worker: id, address: socket.remoteAddress }));
  });
}

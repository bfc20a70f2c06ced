// Writes to the store for each request.
exports.run = ({ httpServer, exchange }) => {
  httpServer.on('request', (_request, response) => {
    exchange.set('key', 'value').then(
      () => response.end('set'),
      (error) => response.end(String(error)),
    );
  });
};

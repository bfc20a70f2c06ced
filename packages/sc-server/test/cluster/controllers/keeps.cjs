// Lets a test reach the exchange through calls of a client.
module.exports.run = function ({ exchange, scServer }) {
  scServer.on('connection', (socket) => {
    for (const name of ['set', 'get', 'publish', 'history', 'position']) {
      socket.handle(name, (values) => exchange[name](...values));
    }
  });
};

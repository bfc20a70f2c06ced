'use strict';
// Offers the server's conveniences to clients, so that a test can use them in each worker.
exports.run = ({ scServer, id }) => {
  scServer.addMiddleware('authenticate', ({ socket, authToken }) => {
    if (authToken.username === 'mallory') socket.disconnect(4403, 'Banned');
  });
  scServer.on('connection', (socket) => {
    socket.handle('where', () => ({ worker: id, socketId: socket.id }));
    socket.handle('login', (username) => void socket.setAuthToken({ username }));
    socket.handle('sign', (username) => scServer.signAuthToken({ username }));
    socket.handle('emitToUser', ([user, event, data]) => scServer.emitToUser(user, event, data));
    socket.handle('subscribers', (channel) => scServer.subscribers(channel));
    socket.handle('publishExcept', ([channel, data]) =>
      scServer.exchange.publish(channel, data, { except: socket.id }),
    );
  });
};

module.exports.run = function (worker) {
  worker.scServer.on('connection', function (socket) {
    socket.handle('login', function (username) {
      socket.setAuthToken({ username });
    });
    socket.handle('echo', function (data) {
      return data;
    });
  });
};

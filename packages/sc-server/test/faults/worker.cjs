module.exports.run = function (worker) {
  worker.httpServer.on('request', function (request, response) {
    response.end('fine');
  });
  worker.scServer.on('connection', function (socket) {
    socket.handle('where', function () {
      return process.pid;
    });
    socket.handle('spin', function (ms) {
      for (const end = Date.now() + ms; Date.now() < end;);
    });
  });
};

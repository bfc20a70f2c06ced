// A worker controller as the original's users wrote them.
module.exports.run = function (worker) {
  worker.httpServer.on('request', function (request, response) {
    const { remoteAddress, remotePort, encrypted, authorized, servername } = request.socket;
    const certificate = encrypted ? request.socket.getPeerCertificate() : {};
    response.setHeader('connection', 'close');
    response.end(
      JSON.stringify({
        id: worker.id,
        pid: process.pid,
        remoteAddress,
        remotePort,
        encrypted: encrypted === true,
        authorized,
        servername,
        subject: certificate.subject,
      }),
    );
  });
  worker.scServer.on('connection', function (socket) {
    socket.on('worker', function (data, respond) {
      respond(null, { id: worker.id, pid: process.pid, isLeader: worker.isLeader });
    });
    socket.on('crash', function () {
      setImmediate(function () {
        throw new Error('crashed on purpose');
      });
    });
    socket.on('environment', function (data, respond) {
      respond(null, JSON.stringify([process.env, process.argv, worker.options]));
    });
    socket.on('report', function (data) {
      worker.sendToMaster(data);
    });
    socket.on('login', function (username, respond) {
      socket.setAuthToken({ username });
      respond();
    });
    socket.on('count', async function (key, respond) {
      await worker.exchange.set(['visits', key], (Number(await worker.exchange.get(['visits', key])) || 0) + 1);
      respond(null, await worker.exchange.get(['visits', key]));
    });
  });
  worker.on('masterMessage', function (data) {
    worker.sendToMaster({ worker: worker.id, echoed: data });
  });
};

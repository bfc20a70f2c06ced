// A worker whose sockets move to the next one at a reload.
module.exports.run = function (worker) {
  const tell = (data) => worker.sendToMaster({ pid: process.pid, ...data });
  worker.scServer.addMiddleware('handshake', async () => tell({ line: 'handshake' }));
  worker.scServer.addMiddleware('authenticate', async () => tell({ line: 'authenticate' }));
  worker.scServer.on('connection', (socket) => {
    tell({ connection: socket.id, isMoved: socket.isMoved });
    let count = socket.kept?.count ?? 0;
    socket.handle('state', () => ({
      pid: process.pid,
      id: socket.id,
      isMoved: socket.isMoved,
      count,
      user: socket.authToken?.username,
      channels: socket.subscriptions(),
      url: socket.request.url,
      agent: socket.request.headers['x-agent'],
      address: [socket.remoteAddress, socket.request.socket.remotePort, socket.request.socket.encrypted],
    }));
    socket.handle('count', () => socket.keep({ count: ++count }));
    socket.handle('login', (username) => void socket.setAuthToken({ username }));
    socket.handle('wait', (ms) => new Promise((resolve) => setTimeout(resolve, ms, process.pid)));
    socket.handle('never', () => new Promise(() => {}));
    socket.handle('askBack', () => socket.invoke('answer'));
    socket.handle('emitToUser', (user) => worker.scServer.emitToUser(user, 'told', process.pid));
    for (const event of ['subscribe', 'unsubscribe', 'authenticate', 'disconnect']) {
      socket.on(event, (...details) => tell({ event, details: details.slice(0, 2) }));
    }
    socket.on('echo', (data) => socket.emit('echo', data));
  });
  worker.scServer.on('disconnection', (socket, code, reason) => tell({ disconnection: socket.id, code, reason }));
};

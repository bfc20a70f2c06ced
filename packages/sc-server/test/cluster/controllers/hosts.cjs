// Lets clients of one host act on users of all hosts.
module.exports.run = function ({ exchange, scServer }) {
  scServer.on('connection', (socket) => {
    for (const name of ['set', 'get', 'publish', 'members', 'memberCount']) {
      socket.handle(name, (values) => exchange[name](...values));
    }
    for (const name of ['kickOutUser', 'disconnectUser', 'deauthenticateUser', 'emitToUser']) {
      socket.handle(`order ${name}`, (values) => scServer[name](...values));
    }
    socket.handle('login', (username) => socket.setAuthToken({ username }));
    socket.handle('setSession', ([key, data]) => socket.session.set(key, data));
    socket.handle('getSession', (key) => socket.session.get(key));
  });
};

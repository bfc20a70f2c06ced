// The programs of the founding document, as they stand there.
/* eslint-disable no-unused-vars */
module.exports = {
  authorize: function (socket, callback) {
    socket.session.set('isUserAuthorized', true, callback);
  },
  check: function (socket, authorized) {
    socket.session.get('isUserAuthorized', function (err, value) {
      if (value) {
        authorized();
      }
    });
  },
  guard: function (scServer) {
    scServer.addMiddleware(scServer.MIDDLEWARE_HANDSHAKE, function (req, next) {
      req.session.get('isUserAuthorized', function (err, value) {
        if (value) {
          next();
        } else {
          next('Session ' + req.session.id + ' was not authorized');
        }
      });
    });
    scServer.addMiddleware(scServer.MIDDLEWARE_EVENT, function (socket, event, data, next) {
      if (event == 'bla') {
        next(new Error('bla event is not allowed for socket ' + socket.id + ' on session ' + socket.session.id));
      } else {
        next();
      }
    });
  },
};

var { socket, callback } = globalThis.given;
// Word for word from here on.
socket.session.set('isUserAuthorized', true, callback);

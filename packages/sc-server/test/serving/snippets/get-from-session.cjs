var { socket } = globalThis.given;
// Word for word from here on.
// prettier-ignore
socket.session.get('isUserAuthorized', function (err, value) {
  if (value) { /* authorized */ }
});

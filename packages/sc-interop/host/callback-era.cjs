// Drives clients up to version 14: event emitters and callbacks.
'use strict';

const asPromise = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));

/** A function, or up to 2.2.25 an object with one. */
const finish = (respond, error, data) =>
  typeof respond === 'function' ? respond(error, data) : respond.callback(error, data);

module.exports = function startCallbackClient(library, options, tell) {
  const cookies = useCookieJar();
  const socket = library.connect({ ...options, multiplex: false, headers: cookies.headers });

  // Up to 2.2.23 the status came later, in an event of its own.
  socket.on('connect', (...args) => args.length > 0 && tell('connect', args));
  socket.on('status', (status) => tell('connect', [status]));
  for (const name of ['disconnect', 'connectAbort', 'connectFail', 'error', 'message', 'raw'])
    socket.on(name, (...args) => tell(name, args));
  // Named so up to 2.2.23, and otherwise since.
  for (const name of ['setAuthToken', 'authenticate']) socket.on(name, () => tell('authenticate', []));
  for (const name of ['removeAuthToken', 'deauthenticate']) socket.on(name, () => tell('deauthenticate', []));

  return {
    state: () => socket.state ?? socket.getState(),
    emit: (event, data) => void socket.emit(event, data),
    invoke: (event, data) => asPromise((done) => socket.emit(event, data, done)),
    listen: (event) => void socket.on(event, (data) => tell('event', [event, data])),
    answer: (event, answer) => void socket.on(event, (data, respond) => finish(respond, null, { data, answer })),
    refuse: (event, message) => void socket.on(event, (data, respond) => finish(respond, new Error(message))),
    subscribe(name) {
      const channel = socket.subscribe(name);
      for (const event of ['subscribe', 'unsubscribe']) channel.on(event, () => tell(event, [name]));
      channel.on('subscribeFail', (error) => tell('subscribeFail', [name, error]));
      channel.on('kickOut', (message) => tell('kickOut', [name, message]));
      channel.watch((data) => tell('publication', [name, data]));
    },
    unsubscribe: (name) => void socket.unsubscribe(name),
    subscriptions: () => socket.subscriptions(),
    publish: (name, data) => asPromise((done) => socket.publish(name, data, done)),
    disconnect: (code, reason) => void socket.disconnect(code, reason),
  };
};

/** The earliest clients write their token into the page's cookies, and the browser sends it. */
function useCookieJar() {
  const jar = new Map();
  globalThis.document = {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text) {
      const [pair, ...attributes] = text.split(';').map((part) => part.trim());
      const [name, value] = pair.split('=');
      const expires = attributes.find((attribute) => attribute.startsWith('expires='));
      if (expires && Date.parse(expires.slice('expires='.length)) < Date.now()) jar.delete(name);
      else jar.set(name, value);
    },
  };
  return {
    headers: {
      get Cookie() {
        return globalThis.document.cookie;
      },
    },
  };
}

// Drives clients from version 15 on: async iterators and promises.
'use strict';

module.exports = function startStreamClient(library, options, tell) {
  const socket = library.create(options);
  const each = async (stream, handle) => {
    for await (const item of stream) handle(item);
  };

  each(socket.listener('connect'), (status) => tell('connect', [status]));
  each(socket.listener('disconnect'), ({ code, reason }) => tell('disconnect', [code, reason]));
  each(socket.listener('connectAbort'), ({ code, reason }) => tell('connectAbort', [code, reason]));
  each(socket.listener('error'), ({ error }) => tell('error', [error]));
  each(socket.listener('message'), ({ message }) => tell('message', [message]));
  each(socket.listener('raw'), ({ message }) => tell('raw', [message]));
  each(socket.listener('authenticate'), () => tell('authenticate', []));
  each(socket.listener('deauthenticate'), () => tell('deauthenticate', []));

  return {
    state: () => socket.state,
    emit: (event, data) => void socket.transmit(event, data),
    invoke: (event, data) => socket.invoke(event, data),
    listen: (event) => void each(socket.receiver(event), (data) => tell('event', [event, data])),
    answer: (event, answer) =>
      void each(socket.procedure(event), (request) => request.end({ data: request.data, answer })),
    refuse: (event, message) => void each(socket.procedure(event), (request) => request.error(new Error(message))),
    subscribe(name) {
      const channel = socket.subscribe(name);
      for (const event of ['subscribe', 'unsubscribe']) each(channel.listener(event), () => tell(event, [name]));
      each(channel.listener('subscribeFail'), ({ error }) => tell('subscribeFail', [name, error]));
      each(channel.listener('kickOut'), ({ message }) => tell('kickOut', [name, message]));
      each(channel, (data) => tell('publication', [name, data]));
    },
    unsubscribe: (name) => void socket.unsubscribe(name),
    subscriptions: () => socket.subscriptions(),
    publish: (name, data) => socket.invokePublish(name, data),
    disconnect: (code, reason) => void socket.disconnect(code, reason),
  };
};

// The published servers of versions 19 and 20: streams, protocol version 2. The argument is the version.
'use strict';

const { createServer } = require('node:http');
const { listen, serverOptions } = require('./published-setup.cjs');

const versions = {
  19: () => require('socketcluster-server-19'),
  20: () => require('socketcluster-server-20'),
};
const httpServer = createServer();
const agServer = versions[process.argv[2]]().attach(httpServer, serverOptions);

const denied = (channel) => new Error(`Denied: ${channel}`);
agServer.setMiddleware(agServer.MIDDLEWARE_INBOUND, async (actions) => {
  for await (const action of actions) {
    const { type, channel } = action;
    const isDenied =
      (type === action.SUBSCRIBE && channel.startsWith('denied/')) ||
      (type === action.PUBLISH_IN && channel.startsWith('readonly/'));
    if (isDenied) action.block(denied(channel));
    else action.allow();
  }
});

const procedures = {
  echo: (_socket, data) => data,
  reject(_socket, text) {
    throw new Error(`Rejected: ${text}`);
  },
  mute: () => new Promise(() => {}),
  slow: (_socket, ms) => new Promise((resolve) => setTimeout(resolve, ms, ms)),
  ask: (socket, data) => socket.invoke('question', data),
  async login(socket, { username, expiresIn }) {
    await socket.setAuthToken({ username }, expiresIn === undefined ? {} : { expiresIn });
    return 'ok';
  },
  async logout(socket) {
    await socket.deauthenticate();
    return 'ok';
  },
  whoami: (socket) => socket.authToken?.username ?? null,
  async kick(socket, { channel, message }) {
    await socket.kickOut(channel, message);
    return 'ok';
  },
  async broadcast(_socket, { channel, data }) {
    await agServer.exchange.invokePublish(channel, data);
    return 'ok';
  },
};

const receivers = {
  note: (socket, data) => socket.transmit('noted', data),
  bye: (socket, { code, reason }) => socket.disconnect(code, reason),
};

async function each(stream, handle) {
  for await (const item of stream) handle(item);
}

async function answer(socket, request, procedure) {
  try {
    request.end(await procedure(socket, request.data));
  } catch (error) {
    request.error(error);
  }
}

void each(agServer.listener('connection'), ({ socket }) => {
  for (const [name, procedure] of Object.entries(procedures))
    void each(socket.procedure(name), (request) => void answer(socket, request, procedure));
  for (const [name, receive] of Object.entries(receivers))
    void each(socket.receiver(name), (data) => receive(socket, data));
});

listen(httpServer);

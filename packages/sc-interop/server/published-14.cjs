// The published server of version 14: callbacks, protocol version 1.
'use strict';

const { createServer } = require('node:http');
const { attach } = require('socketcluster-server-14');
const { listen, serverOptions } = require('./published-setup.cjs');

const httpServer = createServer();
const scServer = attach(httpServer, { ...serverOptions, wsEngine: 'ws' });

const denied = (channel) => new Error(`Denied: ${channel}`);
scServer.addMiddleware(scServer.MIDDLEWARE_SUBSCRIBE, ({ channel }, next) =>
  next(channel.startsWith('denied/') ? denied(channel) : undefined),
);
scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, ({ channel }, next) =>
  next(channel.startsWith('readonly/') ? denied(channel) : undefined),
);

scServer.on('connection', (socket) => {
  socket.on('echo', (data, respond) => respond(null, data));
  socket.on('reject', (text, respond) => respond(new Error(`Rejected: ${text}`)));
  socket.on('mute', () => {});
  socket.on('slow', (ms, respond) => setTimeout(() => respond(null, ms), ms));
  socket.on('ask', (data, respond) => socket.emit('question', data, respond));
  socket.on('note', (data) => socket.emit('noted', data));
  socket.on('bye', ({ code, reason }) => socket.disconnect(code, reason));
  socket.on('login', ({ username, expiresIn }, respond) => {
    socket.setAuthToken({ username }, expiresIn === undefined ? {} : { expiresIn });
    respond(null, 'ok');
  });
  socket.on('logout', (_data, respond) => {
    socket.deauthenticate();
    respond(null, 'ok');
  });
  socket.on('whoami', (_data, respond) => respond(null, socket.authToken?.username ?? null));
  socket.on('kick', ({ channel, message }, respond) => {
    socket.kickOut(channel, message);
    respond(null, 'ok');
  });
  socket.on('broadcast', ({ channel, data }, respond) =>
    scServer.exchange.publish(channel, data, (error) => respond(error, 'ok')),
  );
});

listen(httpServer);

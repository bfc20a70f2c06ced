import { pathToFileURL } from 'node:url';
import type * as ScServer from 'sc-server';
import { createHttpServer, listen } from './http-server.js';

// Another build of the server may be measured against this one.
const { SC_BENCH_BUILD: build } = process.env;
const { SCServer } = (
  build === undefined ? await import('sc-server') : await import(pathToFileURL(build).href)
) as typeof ScServer;

const httpServer = createHttpServer();
const scServer = SCServer.attach(httpServer, {
  authKey: 'a'.repeat(64),
  inboundRate: 0,
  connectionRate: 0,
  maxEventLoopLag: 0,
});
scServer.on('connection', (socket) => {
  socket.on('echo', (data, respond) => respond(null, data));
});

listen(httpServer);

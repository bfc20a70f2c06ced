import { mkdirSync, renameSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import type { SCClientSocket } from 'sc-client';
import { createCleanup, freePort, makeCertificate, rawSocket, startProcess, waitFor } from 'sc-testkit';
import type { StartedProcess } from 'sc-testkit';
import { savePrograms } from './readme-programs.js';

/* The programs of the founding document, unchanged except for the port. */

const server = `var SocketCluster = require('sc-server').SocketCluster;
var socketCluster = new SocketCluster({
  balancers: 1,
  workers: 3,
  stores: 3,
  port: 8000,
  appName: 'myapp',
  workerController: 'worker.js'
});
`;
const tlsServer = `var fs = require('fs');
var SocketCluster = require('sc-server').SocketCluster;
var socketCluster = new SocketCluster({
  balancers: 1,
  workers: 3,
  stores: 3,
  port: 8000,
  appName: 'myapp',
  workerController: 'worker.js',
  protocol: 'https',
  protocolOptions: {
    key: fs.readFileSync(__dirname + '/keys/enc_key.pem', 'utf8'),
    cert: fs.readFileSync(__dirname + '/keys/cert.pem', 'utf8'),
    passphrase: 'passphase4privkey'
  }
});
`;
const worker = `module.exports.run = function (worker) {
  var httpServer = worker.getHTTPServer();
  var scServer = worker.getSCServer();

  httpServer.on('request', function (req, res) {
    res.end('raw HTTP over ' + req.socket.constructor.name + ' for ' + req.socket.remoteAddress + ' ' + req.socket.remotePort);
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_HANDSHAKE, function (req, next) {
    if (req.url.indexOf('stranger') >= 0) {
      next('Session was not authorized');
    } else {
      next();
    }
  });
  scServer.addMiddleware(scServer.MIDDLEWARE_EVENT, function (socket, event, data, next) {
    if (event == 'bla') {
      next(new Error('bla event is not allowed for socket ' + socket.id));
    } else {
      next();
    }
  });

  var channel = scServer.global.subscribe('x');
  channel.watch(function (data) {
    scServer.global.publish('y', 'worker ' + worker.id + ' heard ' + data);
  });
  scServer.on('connection', function (socket) {
    socket.on('hello', function (data, res) {
      res(null, 'hello ' + data);
    });
  });
};
`;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function start(
  text: string,
  prepare: (directory: string) => void = () => undefined,
): Promise<[StartedProcess, number]> {
  const port = await freePort();
  const program = { line: 1, isPart: false, isServer: true };
  const files = [
    { ...program, file: 'server.js', text },
    { ...program, file: 'worker.js', text: worker },
  ];
  const { path } = cleanup.add(savePrograms(files, port), (directory) => directory.remove());
  prepare(path);
  const running = await startProcess('server.js', { cwd: path, readyLine: /The cluster is ready/ });
  return [cleanup.add(running, (it) => it.stop()), port];
}

const open = (url: string): SCClientSocket =>
  cleanup.add(connect({ url, wsOptions: { rejectUnauthorized: false } }), (socket) => socket.disconnect());

async function expectToWork(url: string): Promise<void> {
  const socket = open(url);
  const status = await new Promise((resolve) => socket.once('ready', resolve));
  expect(status).toMatchObject({ id: expect.any(String), isAuthenticated: false, pingTimeout: expect.any(Number) });

  const answer = new Promise((resolve) =>
    socket.emit('hello', 'world', (error: unknown, data: unknown) => resolve([error, data])),
  );
  await expect(answer).resolves.toEqual([null, 'hello world']);
  await expect(socket.invoke('bla')).rejects.toMatchObject({
    message: expect.stringMatching(/^bla event is not allowed/),
  });
  await expect(rawSocket(`${url}?stranger=1`)).rejects.toMatchObject({ statusCode: 401 });

  const heard: unknown[] = [];
  const channel = socket.subscribe('y').watch((data) => heard.push(data));
  await waitFor(() => channel.isSubscribed(), { what: 'the subscription' });
  await socket.channel('x').publish('it');
  await waitFor(() => heard.length === 3, { what: 'all three workers' });
  expect(heard.sort()).toEqual(['worker 0 heard it', 'worker 1 heard it', 'worker 2 heard it']);
}

describe('the founding document', () => {
  it('gets its cluster: a balancer, three workers and three stores', async () => {
    const [running, port] = await start(server);
    expect(running.output()).toContain(`"port":${port},"workers":3,"stores":3,"balancers":1`);
    await expectToWork(`ws://localhost:${port}/socketcluster/`);
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toMatch(/^raw HTTP over Socket for /);
  });

  it('gets its cluster over TLS, with an encrypted key, and its workers see plain HTTP and the true client', async () => {
    const [, port] = await start(tlsServer, (directory) => makeKeys(directory));
    await expectToWork(`wss://localhost:${port}/socketcluster/`);
    const { text, localPort } = await getOverTls(port);
    // Without a host, it also listens on IPv6 where available.
    expect(text).toMatch(/^raw HTTP over Socket for (::ffff:)?127\.0\.0\.1 \d+$/);
    expect(text.endsWith(` ${localPort}`)).toBe(true);
  });
});

function makeKeys(directory: string): void {
  const keys = join(directory, 'keys');
  mkdirSync(keys);
  const { keyFile } = makeCertificate(keys, { passphrase: 'passphase4privkey' });
  renameSync(keyFile, join(keys, 'enc_key.pem'));
}

function getOverTls(port: number): Promise<{ text: string; localPort: number | undefined }> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false }, (response) => {
      const { localPort } = response.socket;
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ text, localPort }));
    }).on('error', reject);
  });
}

import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from 'sc-testkit';
import { startServer, withCleanup, withServer } from './support.js';

/** Sends bytes, and returns what comes back until the connection ends. */
function exchangeBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.startsWith('HTTP/1.1 101')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

const upgradeOf = (path: string, ...headers: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AQEBAQEBAQEBAQEBAQEBAQ==',
    ...headers,
    '',
    '',
  ].join('\r\n');

const status = (response: string) => Number(response.split(' ')[1]);

describe('upgrades', () => {
  it.each([
    ['/socketcluster/', 101],
    ['/socketcluster', 101],
    ['/socketcluster/?a=1', 101],
    ['/socketcluster?a=1', 101],
    ['/', 404],
    ['/socketcluster/x', 404],
    ['/SocketCluster/', 404],
    ['http://localhost/socketcluster/', 101],
    ['HTTP://localhost:8000/socketcluster?a=1', 101],
    ['http://localhost', 404],
    ['http://localhost/x', 404],
    ['/socketclusterx', 404],
  ])('on %s get %d', async (path, expected) => {
    await withServer(async ({ port }) => {
      expect(status(await exchangeBytes(port, upgradeOf(path)))).toBe(expected);
    })();
  });

  it.each([
    ['a bad key', upgradeOf('/socketcluster/').replace('AQEBAQEBAQEBAQEBAQEBAQ==', 'x')],
    ['an old version', upgradeOf('/socketcluster/').replace('Version: 13', 'Version: 7')],
    ['a strange subprotocol list', upgradeOf('/socketcluster/', 'Sec-WebSocket-Protocol: ,,;=')],
    ['a method with a body', upgradeOf('/socketcluster/').replace('GET', 'POST')],
  ])('with %s are refused, and the server goes on', async (_what, bytes) => {
    await withServer(async ({ port, connect: connectOne }) => {
      expect([400, 405, 426]).toContain(status(await exchangeBytes(port, bytes)));
      await connectOne();
    })();
  });

  it(
    'survive 1,900 headers, names like constructor, and a client that resets',
    withServer(async ({ port, connect: connectOne }) => {
      const many = Array.from({ length: 1900 }, (_, index) => `x${index}: 1`);
      const names = ['constructor: 1', '__proto__: 1', 'Sec-WebSocket-Extensions: constructor, __proto__; a=b'];
      await exchangeBytes(port, upgradeOf('/socketcluster/', ...many, ...names));
      for (const path of ['/', '/socketcluster/']) {
        const socket = connect(port, '127.0.0.1');
        await new Promise<void>((resolve) => socket.on('connect', resolve));
        socket.write(upgradeOf(path, 'Origin: https://evil.example'));
        socket.resetAndDestroy();
      }
      expect((await connectOne()).socket.state).toBe('open');
    }),
  );

  it(
    'on other paths are left to whoever else listens',
    withServer(async ({ httpServer, port }) => {
      httpServer.on('upgrade', (request, stream) => {
        if (request.url === '/mine') stream.end('HTTP/1.1 418 Mine\r\nConnection: close\r\n\r\n');
      });
      expect(status(await exchangeBytes(port, upgradeOf('/mine')))).toBe(418);
      expect(status(await exchangeBytes(port, upgradeOf('/socketcluster/')))).toBe(101);
    }),
  );

  it(
    'leave no socket behind when the client is gone',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      for (let i = 0; i < 20; i++) await exchangeBytes(server.port, upgradeOf('/socketcluster/'));
      await waitFor(() => server.scServer.stats().connecting === 0, { what: 'the sockets to go' });
      expect(server.scServer.clients).toEqual({});
    }),
  );
});

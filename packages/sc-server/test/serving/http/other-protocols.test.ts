import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Cleanup } from 'sc-testkit';
import { SCServer } from '../../../src/server/sc-server.js';
import { authKey, withCleanup } from '../support.js';
import { exchangeBytes, responsesIn } from './bytes.js';

const logger = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** The application's route tells what it got. */
function tell(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  const answer = () => response.end(`${request.method} ${request.url} ${body}${String(request.headers['x'] ?? '')}`);
  request.on('end', () => (request.url === '/slow' ? setTimeout(answer, 50) : answer()));
}

async function serve(
  cleanup: Cleanup,
  attach = true,
): Promise<{ port: number; httpServer: Server; closed: () => void }> {
  const httpServer = createServer(tell);
  if (attach) {
    cleanup.add(SCServer.attach(httpServer, { authKey, logger, maxEventLoopLag: 0 }), (one) => one.close());
  }
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  return {
    port: (httpServer.address() as AddressInfo).port,
    httpServer,
    closed: () => httpServer.closeAllConnections(),
  };
}

const offer = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
const bodiesOf = (text: string) => responsesIn(text).map(({ body }) => body);

describe('a request that offers another protocol than WebSocket', () => {
  it.each([
    ['GET', `GET /users HTTP/1.1\r\n${offer}\r\n`, 'GET /users '],
    ['POST with its length', `POST /users HTTP/1.1\r\n${offer}Content-Length: 5\r\n\r\nhello`, 'POST /users hello'],
    [
      'POST in chunks',
      `POST /users HTTP/1.1\r\n${offer}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`,
      'POST /users hello',
    ],
    [
      'TLS within HTTP',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n',
      'OPTIONS * ',
    ],
    ['on the path of the sockets', `GET /socketcluster/ HTTP/1.1\r\n${offer}\r\n`, 'GET /socketcluster/ '],
    ['a header that is not ASCII', `GET /x HTTP/1.1\r\n${offer}X: \xe9\r\n\r\n`, 'GET /x \xe9'],
  ])('reaches the application: %s', async (_what, bytes, expected) => {
    await withCleanup(async (cleanup) => {
      const { port } = await serve(cleanup);
      const text = await exchangeBytes(port, bytes, (received) => bodiesOf(received).length === 1);
      // Node writes responses in UTF-8.
      expect(Buffer.from(bodiesOf(text)[0] ?? '', 'latin1').toString()).toBe(expected);
    })();
  });

  it(
    'leaves the connection to the requests behind it, in their order, however long an answer takes',
    withCleanup(async (cleanup) => {
      const { port } = await serve(cleanup);
      const requests = [
        `POST /1 HTTP/1.1\r\n${offer}Content-Length: 2\r\n\r\nab`,
        'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n',
        `GET /3 HTTP/1.1\r\n${offer}\r\n`,
        'GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      ].join('');
      const text = await exchangeBytes(port, requests, () => false);
      expect(bodiesOf(text)).toEqual(['POST /1 ab', 'GET /slow ', 'GET /3 ', 'GET /4 ']);
    }),
  );

  it(
    'may wait for its body, which comes later',
    withCleanup(async (cleanup) => {
      const { port, httpServer } = await serve(cleanup);
      const { connect } = await import('node:net');
      const socket = cleanup.add(connect(port, '127.0.0.1'), (one) => one.destroy());
      const asked = new Promise<void>((resolve) => httpServer.once('request', () => resolve()));
      socket.write(`POST /late HTTP/1.1\r\n${offer}Content-Length: 4\r\n\r\n`);
      await asked;
      socket.write('body');
      const answer = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
      expect(bodiesOf(answer)).toEqual(['POST /late body']);
    }),
  );

  it(
    'belongs to the listener of the application that takes it',
    withCleanup(async (cleanup) => {
      const { port, httpServer } = await serve(cleanup);
      httpServer.on('upgrade', (request, stream) => {
        if (request.headers.upgrade === 'tcp') stream.end('HTTP/1.1 101 Switching Protocols\r\n\r\nraw');
      });
      const tcp = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
      expect(await exchangeBytes(port, tcp, () => false)).toMatch(/101[\s\S]*raw$/);
      const h2c = await exchangeBytes(port, `GET /a HTTP/1.1\r\n${offer}\r\n`, (text) => bodiesOf(text).length === 1);
      expect(bodiesOf(h2c)).toEqual(['GET /a ']);
    }),
  );

  it(
    'is refused when header lines may be missing',
    withCleanup(async (cleanup) => {
      const { port, httpServer } = await serve(cleanup);
      httpServer.maxHeadersCount = 10;
      const lines = Array.from({ length: 20 }, (_, index) => `x${index}: 1\r\n`).join('');
      const text = await exchangeBytes(port, `GET / HTTP/1.1\r\n${offer}${lines}\r\n`, () => false);
      expect(text).toMatch(/^HTTP\/1.1 431 /);
    }),
  );
});

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { Next } from '../../../src/socket/middleware-contexts.js';
import { undecided, withServer, type TestServer } from '../support.js';

/** The server's answer to an upgrade. */
function upgrade({ port }: TestServer, query = ''): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: `/socketcluster/${query}`,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16, 1).toString('base64'),
      },
    });
    request.on('upgrade', (response, stream) => {
      stream.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the middleware line handshake', () => {
  it(
    'lets a function of (req, next) see the request and allow it',
    withServer(async (server) => {
      const seen: (string | undefined)[] = [];
      server.scServer.addMiddleware(server.scServer.MIDDLEWARE_HANDSHAKE, (req: IncomingMessage, next: Next) => {
        seen.push(req.url);
        next();
      });
      await server.connect();
      expect(seen).toEqual(['/socketcluster/']);
    }),
  );

  it(
    'answers 401 with the reason that a function of (req, next) gives',
    withServer(async (server) => {
      server.scServer.addMiddleware('handshake', (req: IncomingMessage, next: Next) => {
        next(req.url?.includes('refuse') ? 'Not today' : undefined);
      });
      expect(await upgrade(server, '?refuse=1')).toEqual({ status: 401, body: 'Not today' });
      expect(await upgrade(server)).toEqual({ status: 101, body: '' });
    }),
  );

  it(
    'takes an async function of one context: returning allows, throwing refuses',
    withServer(async (server) => {
      server.scServer.addMiddleware('handshake', async ({ line, request }) => {
        await Promise.resolve();
        if (request.url?.includes('refuse')) throw new Error(`Refused by ${line}`);
      });
      expect(await upgrade(server, '?refuse=1')).toEqual({ status: 401, body: 'Refused by handshake' });
      await server.connect();
    }),
  );

  it(
    'does not tell the client what went wrong in a function that fails by accident',
    withServer(async (server) => {
      server.scServer.addMiddleware('handshake', () => {
        throw new TypeError('secret of the server');
      });
      expect(await upgrade(server)).toEqual({
        status: 401,
        body: 'The handler of the middleware line "handshake" failed',
      });
      expect(server.log.filter(({ level }) => level === 'error')).toHaveLength(1);
    }),
  );

  it(
    'refuses when a function never decides',
    withServer(
      async (server) => {
        server.scServer.addMiddleware('handshake', undecided);
        expect(await upgrade(server)).toEqual({ status: 401, body: 'The middleware line "handshake" timed out' });
      },
      { middlewareTimeout: 50 },
    ),
  );

  it(
    'runs its functions in order, up to the first that refuses',
    withServer(async (server) => {
      const ran: number[] = [];
      server.scServer.addMiddleware('handshake', async () => void ran.push(1));
      server.scServer.addMiddleware('handshake', (_req: IncomingMessage, next: Next) => {
        ran.push(2);
        next(new Error('no'));
      });
      server.scServer.addMiddleware('handshake', () => void ran.push(3));
      expect((await upgrade(server)).status).toBe(401);
      expect(ran).toEqual([1, 2]);
    }),
  );

  it(
    'stops running a function that was removed',
    withServer(async (server) => {
      const refuse = () => {
        throw new Error('no');
      };
      server.scServer.addMiddleware('handshake', refuse);
      server.scServer.removeMiddleware('handshake', refuse);
      expect((await upgrade(server)).status).toBe(101);
    }),
  );

  it(
    'survives a client that goes away while a function decides',
    withServer(async (server) => {
      let decide = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        server.scServer.addMiddleware('handshake', (_req: IncomingMessage, next: Next) => {
          decide = () => next();
          resolve();
        });
      });
      const request = httpRequest({
        port: server.port,
        path: '/socketcluster/',
        headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
      });
      request.on('error', () => undefined);
      request.end();
      await asked;
      request.destroy();
      decide();
      server.scServer.removeMiddleware('handshake', () => undefined);
      expect(server.scServer.clientsCount).toBe(0);
    }),
  );
});

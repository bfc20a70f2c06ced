import { createServer, get } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { waitFor, type Cleanup } from 'sc-testkit';
import { SCServer } from '../../../src/server/sc-server.js';
import { authKey, startServer, withCleanup } from '../support.js';
import { exchangeBytes, upgradeTo } from './bytes.js';

const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const options = { authKey, logger: quiet, maxEventLoopLag: 0, closeTimeout: 200 };
const isAnswered = (text: string) => text.includes('\r\n\r\n');

async function listen(
  cleanup: Cleanup,
  paths: readonly string[],
): Promise<{ port: number; httpServer: ReturnType<typeof createServer>; servers: SCServer[] }> {
  const httpServer = createServer();
  const servers = paths.map((path) =>
    cleanup.add(SCServer.attach(httpServer, { ...options, path }), (one) => one.close()),
  );
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  return { port: (httpServer.address() as AddressInfo).port, httpServer, servers };
}

function page(
  port: number,
  path: string,
): Promise<{ status: number | undefined; upgrade: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, upgrade: response.headers.upgrade, text }));
    }).on('error', reject);
  });
}

describe('an upgrade that no path claims', () => {
  it(
    'is refused at once by two servers on one HTTP server, each of which has its own',
    withCleanup(async (cleanup) => {
      const { port } = await listen(cleanup, ['/a/', '/b/']);
      expect(await exchangeBytes(port, upgradeTo('/nobody'), () => false)).toMatch(/^HTTP\/1.1 404 /);
      for (const path of ['/a/', '/b']) {
        expect(await exchangeBytes(port, upgradeTo(path), isAnswered)).toMatch(/^HTTP\/1.1 101 /);
      }
    }),
  );

  it(
    'is refused beside a listener of the application that leaves it, and left to one that answers later',
    withCleanup(async (cleanup) => {
      const { port, httpServer } = await listen(cleanup, ['/a/']);
      httpServer.on('upgrade', (request, stream) => {
        stream.on('error', () => undefined);
        if (request.url === '/later') setTimeout(() => stream.end('HTTP/1.1 418 Mine\r\n\r\n'), 50);
        if (request.url === '/mine') stream.end('HTTP/1.1 418 Mine\r\n\r\n');
      });
      const answers = await Promise.all(
        ['/nobody', '/later', '/mine'].map((path) => exchangeBytes(port, upgradeTo(path), () => false)),
      );
      expect(answers.map((text) => text.split(' ')[1])).toEqual(['404', '418', '418']);
    }),
  );

  it(
    'does not keep close() from settling, whoever else listens',
    withCleanup(async (cleanup) => {
      const { port, httpServer, servers } = await listen(cleanup, ['/a/', '/b/']);
      let left = 0;
      httpServer.on('upgrade', () => (left += 1));
      const stranger = cleanup.add(connect(port, '127.0.0.1'), (one) => one.destroy());
      stranger.on('error', () => undefined);
      stranger.write(upgradeTo('/nobody'));
      await waitFor(() => left === 1, { what: 'the upgrade' });
      expect(await Promise.all(servers.map((server) => server.close()))).toHaveLength(2);
    }),
  );

  it(
    'does not keep close() from settling when another listener has taken it for good',
    withCleanup(async (cleanup) => {
      const { port, httpServer, servers } = await listen(cleanup, ['/a/']);
      let taken = false;
      httpServer.on('upgrade', (_request, stream) => {
        cleanup.add(stream, (one) => one.destroy());
        stream.on('data', () => undefined).on('error', () => undefined);
        taken = true;
      });
      const client = cleanup.add(connect(port, '127.0.0.1'), (one) => one.destroy());
      client.write(upgradeTo('/mine'));
      await waitFor(() => taken, { what: 'the upgrade' });
      await expect(servers[0]?.close()).resolves.toBeUndefined();
    }),
  );
});

describe('an upgrade behind a request that is not answered yet', () => {
  it(
    'is answered after it',
    withCleanup(async (cleanup) => {
      const { port, httpServer } = await listen(cleanup, ['/a/']);
      httpServer.on('request', (_request, response) => setTimeout(() => response.end('page'), 50));
      const bytes = `GET / HTTP/1.1\r\nHost: x\r\n\r\n${upgradeTo('/a/')}`;
      const text = await exchangeBytes(port, bytes, (received) => received.includes('101'));
      expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*pageHTTP\/1.1 101 /);
    }),
  );
});

describe('attach', () => {
  it(
    'refuses a path that another server of the HTTP server has, until that one is closed',
    withCleanup(async (cleanup) => {
      const { httpServer, servers } = await listen(cleanup, ['/a/']);
      expect(() => SCServer.attach(httpServer, { ...options, path: '/a' })).toThrow(
        '`path` must not be that of another SCServer on the same HTTP server, got "/a/"',
      );
      await servers[0]?.close();
      cleanup.add(SCServer.attach(httpServer, { ...options, path: '/a' }), (one) => one.close());
    }),
  );
});

describe('a plain request', () => {
  it(
    'is answered when the application has no request handler: 426 on the path of the sockets, 404 elsewhere',
    withCleanup(async (cleanup) => {
      const { port } = await listen(cleanup, ['/a/', '/b/']);
      const listening = cleanup.add(await SCServer.listen(0, options), (one) => one.close());
      const own = (listening.httpServer.address() as AddressInfo).port;
      for (const [at, path] of [
        [port, '/a/'],
        [port, '/b?x=1'],
        [own, '/socketcluster/'],
      ] as const) {
        const answer = await page(at, path);
        expect(answer).toMatchObject({ status: 426, upgrade: 'websocket' });
        expect(answer.text).toMatch(/WebSocket/);
      }
      expect(await page(port, '/')).toMatchObject({ status: 404 });
      expect(await page(own, '/x')).toMatchObject({ status: 404 });
    }),
  );

  it(
    'is left to the application, sessions or not, whenever it begins to listen',
    withCleanup(async (cleanup) => {
      const httpServer = createServer();
      cleanup.add(SCServer.attach(httpServer, { ...options, sessions: true }), (one) => one.close());
      await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
      const { port } = httpServer.address() as AddressInfo;
      expect((await page(port, '/socketcluster/')).status).toBe(426);
      httpServer.on('request', (_request, response) => response.end('mine'));
      expect(await page(port, '/socketcluster/')).toMatchObject({ status: 200, text: 'mine' });
    }),
  );
});

describe('a refused upgrade', () => {
  it(
    'is told to the log with status, rule and origin; an unknown subprotocol once',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { maxHandshakeBytes: 4096 });
      await exchangeBytes(server.port, upgradeTo('/socketcluster/', 'Origin: https://evil.example'), () => false);
      expect(server.log).toContainEqual({
        level: 'debug',
        message: 'Upgrade refused',
        details: expect.objectContaining({
          status: 403,
          origin: 'https://evil.example',
          url: '/socketcluster/',
        }) as object,
      });
      for (let i = 0; i < 3; i++) {
        await exchangeBytes(server.port, upgradeTo('/socketcluster/', 'Sec-WebSocket-Protocol: strange'), isAnswered);
      }
      const warnings = server.log.filter(({ level }) => level === 'warn');
      expect(warnings).toHaveLength(1);
      expect(warnings[0]?.message).toContain('"strange"');
    }),
  );

  it(
    'has the status that the application chose for its refusal',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      server.scServer.addMiddleware('handshake', () => {
        throw Object.assign(new Error('Not today'), { statusCode: 429 });
      });
      expect(await exchangeBytes(server.port, upgradeTo('/socketcluster/'), () => false)).toMatch(
        /^HTTP\/1.1 429 [\s\S]*Not today$/,
      );
    }),
  );
});

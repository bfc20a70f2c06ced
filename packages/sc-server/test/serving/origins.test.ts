import { describe, expect, it } from '@jest/globals';
import { createOriginCheck } from '../../src/http/origins.js';
import { startServer, withCleanup, withServer } from './support.js';

const own = 'app.example.com';

describe('the origin check', () => {
  it.each([
    ['http://app.example.com', own],
    ['https://app.example.com', own],
    ['https://app.example.com:8000', 'app.example.com:8000'],
    ['http://localhost:8000', 'localhost:8000'],
    ['http://[::1]:8000', '[::1]:8000'],
    ['HTTPS://APP.example.com', own],
    [undefined, own],
  ])('allows %s on the server %s without being told', (origin, host) => {
    expect(createOriginCheck([])(origin, host)).toBe(true);
  });

  it.each([
    'https://evil.example',
    'null',
    'file://',
    'file:///etc/passwd',
    'https://app.example.com.evil.example',
    'https://evilapp.example.com',
    'https://app.example.com:444',
    'http://app.example.com:443',
    'https://app.example.com@evil.example',
    'https://evil.example/app.example.com',
    'https://app.example.com/',
    'ws://app.example.com',
    '//app.example.com',
    'other.example.com',
    '',
    `https://${'a'.repeat(400)}.example.com`,
  ])('refuses %s', (origin) => {
    expect(createOriginCheck(['https://listed.example'])(origin, own)).toBe(false);
  });

  it.each([
    ['https://app.example.com', 'https://app.example.com', true],
    ['https://app.example.com', 'https://app.example.com:443', true],
    ['https://app.example.com', 'http://app.example.com', false],
    ['https://app.example.com', 'https://app.example.com:8443', false],
    ['https://*.example.com', 'https://a.example.com', true],
    ['https://*.example.com', 'https://a.b.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://evilexample.com', false],
    ['https://*.example.com', 'https://a.example.com.evil.org', false],
    ['http://localhost:*', 'http://localhost:3000', true],
    ['http://localhost:*', 'http://localhost', true],
    ['http://localhost:*', 'http://localhost.evil.org', false],
    ['localhost:3000', 'http://localhost:3000', true],
    ['*', 'null', true],
    ['*:*', 'https://anything.example', true],
  ])('with %s listed, %s: %s', (listed, origin, isAllowed) => {
    expect(createOriginCheck([listed])(origin, 'other.host')).toBe(isAllowed);
  });

  it(
    'takes requests without an origin, which come from programs, unless allowNoOrigin is false',
    withCleanup(async (cleanup) => {
      const open = await startServer(cleanup);
      expect((await (await open.open()).handshake()).isAuthenticated).toBe(false);
      const pagesOnly = await startServer(cleanup, { allowNoOrigin: false });
      await expect(pagesOnly.open()).rejects.toMatchObject({ statusCode: 403 });
      const { raw } = await pagesOnly.connect({ headers: { Origin: `http://127.0.0.1:${pagesOnly.port}` } });
      expect(await raw.call('#subscribe', 'x')).toEqual({ rid: 2 });
    }),
  );

  it(
    'answers 403 before the upgrade, and says which origin',
    withServer(async (server) => {
      await expect(server.open({ headers: { Origin: 'https://evil.example' } })).rejects.toMatchObject({
        statusCode: 403,
      });
      await server.open({ headers: { Origin: `http://127.0.0.1:${server.port}` } });
      await server.open();
    }),
  );

  it(
    'comes before the middleware',
    withCleanup(async (cleanup) => {
      const server = await startServer(cleanup);
      let runs = 0;
      server.scServer.addMiddleware('handshake', () => void (runs += 1));
      await expect(server.open({ headers: { Origin: 'null' } })).rejects.toMatchObject({ statusCode: 403 });
      expect(runs).toBe(0);
    }),
  );
});

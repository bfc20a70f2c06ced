import { describe, expect, it } from '@jest/globals';
import { areCookiesTrusted, isAllowed } from './origin-support.js';
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
    expect(isAllowed([], { origin, host })).toBe(true);
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
    expect(isAllowed(['https://listed.example'], { origin, host: own })).toBe(false);
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
  ])('with %s listed, %s: %s', (listed, origin, expected) => {
    expect(isAllowed([listed], { origin, host: 'other.host' })).toBe(expected);
  });

  it.each([
    ['http://app.example.com', own, false],
    ['https://app.example.com', own, true],
    ['https://app.example.com:8443', 'app.example.com:8443', true],
    ['http://app.example.com:8443', 'app.example.com:8443', false],
  ])('knows the scheme of an encrypted connection: %s on %s: %s', (origin, host, expected) => {
    expect(isAllowed([], { origin, host, isSecure: true })).toBe(expected);
  });

  it.each([
    ['https://app.example.com', 1, { 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' }, true],
    ['https://app.example.com:8443', 1, { 'x-forwarded-host': 'app.example.com:8443' }, true],
    ['http://app.example.com', 1, { 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' }, false],
    ['http://backend:8000', 1, { 'x-forwarded-proto': 'https, http' }, false],
    ['http://backend:8000', 1, { 'x-forwarded-host': 'app.example.com' }, true],
    ['https://app.example.com', '10.0.0.0/8', { 'x-forwarded-host': 'app.example.com, inner' }, true],
    ['https://app.example.com', 0, { 'x-forwarded-host': 'app.example.com' }, false],
    ['https://app.example.com', '192.168.0.0/16', { 'x-forwarded-host': 'app.example.com' }, false],
    ['https://evil.example', 1, { 'x-forwarded-host': 'app.example.com' }, false],
  ] as const)(
    'behind a proxy that rewrites Host: %s with trustProxy %s and %j: %s',
    (origin, trustProxy, headers, expected) => {
      expect(isAllowed([], { origin, host: 'backend:8000', trustProxy, headers })).toBe(expected);
    },
  );

  it.each([
    ['capacitor://localhost', 'capacitor://localhost', true],
    ['capacitor://localhost', 'http://localhost', false],
    ['capacitor://localhost', 'ionic://localhost', false],
    ['capacitor://localhost', 'capacitor://localhost:1', false],
    ['tauri://localhost', 'TAURI://localhost', true],
    ['chrome-extension://abcdefghijklmnop', 'chrome-extension://abcdefghijklmnop', true],
    ['chrome-extension://abcdefghijklmnop', 'chrome-extension://ponmlkjihgfedcba', false],
    ['app://obsidian.md', 'app://obsidian.md', true],
    ['file://', 'file://', true],
    ['file://', 'https://evil.example', false],
    ['null', 'null', true],
    ['null', 'https://null', false],
    ['localhost', 'capacitor://localhost', false],
    ['https://*', 'null', false],
    ['app://*', 'app://any', true],
  ])('takes origins of any scheme as text: with %s listed, %s: %s', (listed, origin, expected) => {
    expect(isAllowed([listed], { origin, host: 'other.host' })).toBe(expected);
  });

  it('reads the header that version 8 of the WebSocket protocol has for it', () => {
    const headers = { 'sec-websocket-origin': 'https://evil.example' };
    expect(isAllowed([], { host: own, headers })).toBe(false);
    expect(isAllowed(['https://evil.example'], { host: own, headers })).toBe(true);
  });

  it.each([
    ['https://app.example.com', 'https://app.example.com', true],
    ['https://*.example.com', 'https://a.example.com', true],
    ['http://*.localhost:*', 'http://a.localhost:3000', true],
    ['*', 'https://evil.example', false],
    ['https://*', 'https://evil.example', false],
    ['https://*:*', 'https://evil.example', false],
    ['*:443', 'https://evil.example', false],
    ['https://*.com', 'https://evil.com', false],
    ['null', 'null', false],
    ['file://', 'file://', false],
    ['*', `http://${own}`, true],
  ])(
    'trusts the cookies of pages that are listed by name or its own: with %s listed, %s: %s',
    (listed, origin, expected) => {
      expect(areCookiesTrusted([listed], { origin, host: own })).toBe(expected);
    },
  );

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

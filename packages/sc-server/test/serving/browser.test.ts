import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { createCleanup, requiredTool, type Cleanup } from 'sc-testkit';
import { startServer } from './support.js';

const executablePath = requiredTool('chromium', { for: 'what pages of other origins may do' });
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const page = '<!doctype html><title>page</title>';

/** Run in the page: what became of a WebSocket, and whether it is authenticated. */
function connectFrom(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onerror = () => resolve('refused');
    socket.onopen = () => socket.send('{"event":"#handshake","cid":1,"data":{}}');
    socket.onmessage = ({ data }) => {
      const text = String(data);
      if (text !== '') resolve(text.includes('"isAuthenticated":true') ? 'authenticated' : 'anonymous');
    };
  });
}

(executablePath === undefined ? describe.skip : describe)('in Chromium, a visitor who is logged in by cookie', () => {
  let browser: Browser;
  let context: BrowserContext;
  let cleanup: Cleanup;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags });
  }, 60_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    cleanup = createCleanup();
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await cleanup.run();
  });

  it('connects from the server’s own page; a page on another port cannot, though it sends the cookie', async () => {
    const server = await startServer(cleanup, { authCookie: true });
    const token = await server.scServer.signAuthToken({ username: 'ada' });
    server.httpServer.removeAllListeners('request').on('request', (_request, response) => {
      response.setHeader('Set-Cookie', `socketcluster.authToken=${token}; HttpOnly; SameSite=Lax`);
      response.setHeader('Content-Type', 'text/html').end(page);
    });
    const upgrades: { origin: string | undefined; hasCookie: boolean }[] = [];
    server.httpServer.prependListener('upgrade', ({ headers }) => {
      upgrades.push({ origin: headers.origin, hasCookie: headers.cookie?.includes(token) === true });
    });
    const other = cleanup.add(
      createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(page)),
      (one) => one.close(),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const own = `http://127.0.0.1:${server.port}`;
    const foreign = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;

    const tab = await context.newPage();
    await tab.goto(own);
    expect(await tab.evaluate(connectFrom, server.url)).toBe('authenticated');
    await tab.goto(foreign);
    expect(await tab.evaluate(connectFrom, server.url)).toBe('refused');
    // A cookie does not tell ports apart: it is the origin that does.
    expect(upgrades).toEqual([
      { origin: own, hasCookie: true },
      { origin: foreign, hasCookie: true },
    ]);
    expect(server.scServer.stats().connecting).toBe(0);
  }, 60_000);
});

import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Browser, type Page, chromium } from 'playwright-core';
import { SCServer, type SCSocket } from 'sc-server';
import { createCleanup, requiredTool, waitFor } from 'sc-testkit';
import type {} from './page/page.js';

interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly [{ readonly text: string }] }>;
}

// The copy that the build uses.
const require = createRequire(import.meta.url);
const tsup = realpathSync(require.resolve('../../../node_modules/tsup/package.json'));
const esbuild = createRequire(tsup)('esbuild') as Esbuild;
const executablePath = requiredTool('chromium', { for: 'the hooks in a browser' });

// A browser on a busy machine takes its time.
jest.setTimeout(120_000);

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function bundlePage(): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [new URL('page/page.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

(executablePath === undefined ? describe.skip : describe)('a page in StrictMode', () => {
  let script: string;
  let browser: Browser;
  let scServer: SCServer;
  let page: Page;
  let sockets: SCSocket[];
  let requested: string[];
  let problems: string[];

  beforeAll(async () => {
    script = await bundlePage();
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    const httpServer = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript ? script : '<!doctype html><link rel="icon" href="data:,"><body><script src="/page.js"></script>',
      );
    });
    scServer = SCServer.attach(httpServer, {
      authKey: 'k'.repeat(32),
      channels: { 'room/{name}': { history: { size: 2000, ageMs: 60_000 } }, price: { last: true } },
    });
    cleanup.add(httpServer, (server) => void server.close());
    cleanup.add(scServer, (server) => server.close());
    [sockets, requested, problems] = [[], [], []];
    scServer.addMiddleware('subscribe', async ({ socket, channel }) => {
      requested.push(channel);
      if (channel === 'room/private' && socket.authToken === null) throw new Error('Log in first');
    });
    scServer.on('connection', (socket) => {
      sockets.push(socket);
      socket.handle('double', (value) => {
        if (typeof value !== 'number') throw new Error('A number, please');
        return value * 2;
      });
      socket.handle('never', () => new Promise(() => undefined));
      socket.handle('board', () => ({ state: ['first'] }));
    });
    await new Promise<void>((resolve) => void httpServer.listen(0, '127.0.0.1', resolve));
    const context = cleanup.add(await browser.newContext(), (opened) => opened.close());
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('WebSocket')) problems.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${(httpServer.address() as AddressInfo).port}/`);
    await expectText('#connection', 'open nobody');
  });
  afterEach(() => expect(problems).toEqual([]));

  /** Waits until an element has this text. */
  const expectText = (selector: string, expected: string) =>
    page.waitForFunction(([where, what]) => document.querySelector(where)?.textContent.trim() === what, [
      selector,
      expected,
    ] as const);
  const show = (change: Parameters<typeof globalThis.show>[0]) =>
    page.evaluate((given) => globalThis.show(given), change);
  const publish = (name: string, text: string) => scServer.exchange.publish(`room/${name}`, { text });
  const items = () => page.locator('section').first().locator('li').allTextContents();
  const waitForItems = async (expected: readonly string[]) => {
    let found: readonly string[] = [];
    await waitFor(async () => (found = await items()).join() === expected.join(), {
      what: () => `${expected.join()}, found ${found.join()}`,
      deadlineMs: 60_000,
    });
  };
  const state = (name: string) => page.locator(`section[data-state=${name}]`).first().waitFor({ state: 'attached' });

  it('shows the connection and the user', async () => {
    await sockets[0]!.setAuthToken({ username: 'ada' });
    await expectText('#connection', 'open ada');
    await page.evaluate(() => globalThis.socket.reconnect());
    await waitFor(() => sockets.length === 2, { what: 'another connection', deadlineMs: 60_000 });
    await expectText('#connection', 'open ada');
    await page.evaluate(() => globalThis.socket.disconnect());
    await expectText('#connection', 'closed ada');
  });

  it('begins with the past, goes on with what is published, and subscribes once for all components', async () => {
    for (const one of ['a', 'b', 'c']) await publish('one', one);
    await show({ room: 'one', rewind: 2, watchers: 3, parts: ['room'] });
    await waitForItems(['b', 'c']);
    await publish('one', 'd');
    await waitForItems(['b', 'c', 'd']);
    expect(await page.locator('li').allTextContents()).toEqual(['b', 'c', 'd', 'b', 'c', 'd', 'b', 'c', 'd']);
    expect(requested).toEqual(['room/one']);

    // The last component ends the subscription, another room begins one, and a room that comes back begins anew.
    await show({ room: 'two' });
    await state('subscribed');
    await waitFor(() => sockets[0]!.subscriptions().join() === 'room/two', { what: 'the change', deadlineMs: 60_000 });
    expect(await items()).toEqual([]);
    await show({ room: null });
    await state('unsubscribed');
    await waitFor(() => sockets[0]!.subscriptions().length === 0, { what: 'the end', deadlineMs: 60_000 });
    await show({ room: 'one' });
    await waitForItems(['c', 'd']);
  });

  it('receives what it missed while it was away, once and in order', async () => {
    await show({ room: 'one', parts: ['room'] });
    await state('subscribed');
    await publish('one', 'a');
    await waitForItems(['a']);
    await page.evaluate(() => globalThis.socket.disconnect());
    await state('pending');
    for (const one of ['b', 'c']) await publish('one', one);
    await page.evaluate(() => void globalThis.socket.connect());
    await waitForItems(['a', 'b', 'c']);
    await publish('one', 'd');
    await waitForItems(['a', 'b', 'c', 'd']);
    expect(await page.locator('section').first().getAttribute('data-gap')).toBe('');
  });

  it('keeps the newest publications of a burst, and renders less often than they come', async () => {
    await show({ room: 'one', limit: 5, parts: ['room'] });
    await state('subscribed');
    const before = await page.evaluate(() => globalThis.renders);
    await Promise.all(Array.from({ length: 1000 }, (_, index) => publish('one', `${index}`)));
    await waitForItems(['995', '996', '997', '998', '999']);
    expect((await page.evaluate(() => globalThis.renders)) - before).toBeLessThan(1000);
  });

  it('shows why a subscription is refused, and gets it after a login', async () => {
    await show({ room: 'private', parts: ['room'] });
    await page.locator('section[data-error="Log in first"]').waitFor({ state: 'attached' });
    await state('unsubscribed');
    await sockets[0]!.setAuthToken({ username: 'ada' });
    await show({ parts: [] });
    await show({ parts: ['room'] });
    await state('subscribed');
    sockets[0]!.kickOut('room/private', 'Enough');
    await page.locator('section[data-error="Enough"]').waitFor({ state: 'attached' });
    expect(sockets[0]!.subscriptions()).toEqual([]);
  });

  it('publishes with the function of the channel', async () => {
    await show({ room: 'one', parts: ['room'] });
    await state('subscribed');
    await page.evaluate(() => globalThis.publish({ text: 'mine' }));
    await waitForItems(['mine']);
    await show({ room: null });
    await state('unsubscribed');
    const refusal = await page.evaluate(() =>
      globalThis.publish({ text: 'lost' }).catch((error: unknown) => (error as Error).message),
    );
    expect(refusal).toBe('useChannel has no channel to publish to: its name is null');
  });

  it('shows the outcome of the last call; a further call and the end of the component abort one under way', async () => {
    await show({ parts: ['call'] });
    await expectText('#call', 'none settled');
    expect(await page.evaluate(() => globalThis.call('double', 21))).toBe(42);
    await expectText('#call', '42 settled');
    const error = await page.evaluate(() =>
      globalThis.call('double', 'x' as never).catch((refused: unknown) => (refused as Error).message),
    );
    expect(error).toBe('A number, please');
    await expectText('#call', '42 settled A number, please');
    const names = page.evaluate(async () => {
      const nameOf = (error: Error) => error.name;
      const first = globalThis.call('never').then(() => 'settled', nameOf);
      const second = globalThis.call('never').then(() => 'settled', nameOf);
      const firstName = await first;
      globalThis.show({ parts: [] });
      return [firstName, await second];
    });
    expect(await names).toEqual(['AbortedError', 'AbortedError']);
  });

  it('follows a state that was loaded once', async () => {
    await show({ parts: ['board'] });
    await expectText('#board', 'first live');
    await scServer.exchange.publish('board', 'second');
    await expectText('#board', 'first,second live');
    expect(await page.evaluate(() => globalThis.loads)).toBe(1);
    await show({ parts: [] });
    await waitFor(() => sockets[0]!.subscriptions().length === 0, { what: 'the end', deadlineMs: 60_000 });
  });

  it('has the last value of a channel that keeps it', async () => {
    await scServer.exchange.publish('price', 7);
    await show({ parts: ['price'] });
    await expectText('#price', '7');
    await scServer.exchange.publish('price', 8);
    await expectText('#price', '8');
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { requiredTool, waitFor } from 'sc-testkit';
import type * as client from '../src/index.js';
import { bundle } from './support/bundle.js';
import { jwt } from './support/jwt.js';
import { type SmallServer, startSmallServer } from './support/small-server.js';

declare global {
  // Globals that the pages below define.
  var socketCluster: typeof client;
  var socket: client.SCClientSocket;
  var seen: unknown[];
  var localStorage: object;
}

const executablePath = requiredTool('chromium', { for: 'the client in a browser' });
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const token = jwt({ username: 'ada' });
const connectAtOnce =
  'socketCluster.connect({ autoReconnectOptions: { initialDelay: 10, randomness: 10, maxDelay: 20 } })';

// A browser on a busy machine takes its time.
jest.setTimeout(120_000);

let browser: Browser;
let server: SmallServer;
let context: BrowserContext;

async function files(): Promise<Record<string, string>> {
  const module = Buffer.from(
    await bundle(`import * as socketCluster from 'sc-client'; globalThis.socketCluster = socketCluster;`),
  ).toString();
  return {
    '/script': `<script src="/socketcluster.js"></script><script>socket = ${connectAtOnce}</script>`,
    '/module': `<script type="module">import '/module.js'; globalThis.socket = ${connectAtOnce};</script>`,
    '/unbundled': `<script>socket = {};</script><script type="module">
      import * as socketCluster from '/browser/socketcluster.mjs';
      import { presence } from '/browser/presence.mjs';
      globalThis.presence = presence;
      globalThis.socket = ${connectAtOnce};
    </script>`,
    ...modules(),
    '/worker': `<script>worker = new Worker('/worker.js'); seen = []; worker.onmessage = (event) => seen.push(event.data);</script>`,
    '/worker.js': `importScripts('/socketcluster.js');
      const socket = ${connectAtOnce};
      socket.invoke('echo', 'from a worker').then((answer) => postMessage(answer));`,
    '/service-worker': `<script>seen = [];
      navigator.serviceWorker.addEventListener('message', (event) => seen.push(event.data));
      navigator.serviceWorker.register('/service-worker.js');
      navigator.serviceWorker.ready.then(({ active }) => active.postMessage('go'));</script>`,
    '/service-worker.js': `importScripts('/socketcluster.js');
      addEventListener('message', (event) => event.waitUntil((async () => {
        const socket = ${connectAtOnce};
        event.source.postMessage(await socket.invoke('echo', 'from a service worker'));
        socket.destroy();
      })()));`,
    '/cookie': `<script>socket = {};</script><script type="module">
      import { connect, cookieTokenStore } from '/cookie.js';
      globalThis.socket = connect({ authEngine: cookieTokenStore({ maxAgeSeconds: 60 }), authTokenName: 'token' });
    </script>`,
    '/cookie.js': Buffer.from(
      await bundle(`export { connect } from 'sc-client'; export { cookieTokenStore } from 'sc-client/cookie';`),
    ).toString(),
    '/socketcluster.js': readFileSync(new URL('../dist/browser/socketcluster.min.js', import.meta.url), 'utf8'),
    '/module.js': module,
  };
}

/** The modules of the package for pages without a bundler, as their server serves them. */
function modules(): Record<string, string> {
  const folder = new URL('../dist/browser/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  return Object.fromEntries(names.map((name) => [`/browser/${name}`, readFileSync(new URL(name, folder), 'utf8')]));
}

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.port}${path}`);
  return page;
}

(executablePath === undefined ? describe.skip : describe)('in Chromium, the client', () => {
  let served: Record<string, string>;
  beforeAll(async () => {
    served = await files();
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags.split(' ') });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startSmallServer({ files: served, token });
    context = await browser.newContext();
    context.setDefaultTimeout(90_000);
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });

  it.each(['/script', '/module', '/unbundled'])('works in a page that loads it as %s', async (path) => {
    const page = await open(path);
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    const answers = await page.evaluate(async () => {
      const { socket } = globalThis;
      const channel = socket.subscribe('news');
      await new Promise((resolve) => channel.once('subscribe', resolve));
      const iterator = channel.iterate();
      await channel.publish({ text: 'hello' });
      return [await socket.invoke('echo', [1, 'two']), (await iterator.next()).value as unknown];
    });
    expect(answers).toStrictEqual([[1, 'two'], { text: 'hello' }]);
  });

  it('works in a web worker', async () => {
    const page = await open('/worker');
    await page.waitForFunction(() => globalThis.seen.length > 0);
    expect(await page.evaluate(() => globalThis.seen)).toStrictEqual(['from a worker']);
  });

  it('works in a service worker', async () => {
    const page = await open('/service-worker');
    await page.waitForFunction(() => globalThis.seen.length > 0);
    expect(await page.evaluate(() => globalThis.seen)).toStrictEqual(['from a service worker']);
  });

  it('keeps the token in a cookie when told so, over a reload and for every tab', async () => {
    const [one, other] = [await open('/cookie'), await open('/cookie')];
    const cookies = async (): Promise<string[]> =>
      (await context.cookies()).map(({ name, value }) => `${name}=${value}`);
    for (const page of [one, other]) await page.waitForFunction(() => globalThis.socket.state === 'open');
    await one.evaluate(() => globalThis.socket.invoke('login'));
    await other.waitForFunction(() => globalThis.socket.authState === 'authenticated');
    expect(await cookies()).toStrictEqual([`token=${token}`]);
    await one.reload();
    await one.waitForFunction(() => globalThis.socket.authState === 'authenticated');
    await other.evaluate(() => globalThis.socket.deauthenticate());
    await one.waitForFunction(() => globalThis.socket.authState === 'unauthenticated');
    expect(await cookies()).toStrictEqual([]);
    expect(await one.evaluate(() => Object.keys(globalThis.localStorage).length)).toBe(0);
  });

  it('keeps the token over a reload, and logs in and out in every tab', async () => {
    const [one, other] = [await open('/script'), await open('/script')];
    await one.evaluate(() => globalThis.socket.invoke('login'));
    await other.waitForFunction(() => globalThis.socket.authState === 'authenticated');
    await one.reload();
    await one.waitForFunction(() => globalThis.socket.authState === 'authenticated');
    expect(await one.evaluate(() => globalThis.socket.authToken)).toStrictEqual({ username: 'ada' });
    await other.evaluate(() => globalThis.socket.deauthenticate());
    await one.waitForFunction(() => globalThis.socket.authState === 'unauthenticated');
    expect(await one.evaluate(() => Object.keys(globalThis.localStorage).length)).toBe(0);
  });

  it('comes back when the network does, without waiting for its turn', async () => {
    const page = await open('/script');
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    await page.evaluate(() => {
      globalThis.socket.destroy();
      globalThis.socket = globalThis.socketCluster.connect({
        autoReconnectOptions: { initialDelay: 3_600_000, maxDelay: 3_600_000 },
      });
    });
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    await context.setOffline(true);
    server.cut();
    await page.waitForFunction(() => globalThis.socket.state === 'closed');
    await context.setOffline(false);
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    expect(server.connections()).toBe(3);
  });

  it('comes back when its page is looked at again, without waiting for its turn', async () => {
    const page = await open('/script');
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    await page.evaluate(() => {
      globalThis.socket.destroy();
      globalThis.socket = globalThis.socketCluster.connect({
        autoReconnectOptions: { initialDelay: 3_600_000, maxDelay: 3_600_000 },
      });
    });
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    // A headless browser keeps every page visible, so the page says itself what a visible one would say.
    const become = (visibility: string): Promise<void> =>
      page.evaluate((state) => {
        const { document } = globalThis as unknown as { document: EventTarget };
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
        document.dispatchEvent(new Event('visibilitychange'));
      }, visibility);
    await become('hidden');
    server.cut();
    await page.waitForFunction(() => globalThis.socket.state === 'closed');
    await become('visible');
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    expect(await page.evaluate(() => globalThis.socket.invoke('echo', 'awake'))).toBe('awake');
    expect(server.connections()).toBe(3);
  });

  it('leaves nothing behind after 500 reconnects', async () => {
    const page = await open('/script');
    await page.waitForFunction(() => globalThis.socket.state === 'open');
    const cdp = await context.newCDPSession(page);
    const reconnect = (times: number): Promise<void> =>
      page.evaluate(async (rounds) => {
        const { socket } = globalThis;
        for (let round = 0; round < rounds; round++) {
          const connected = new Promise((resolve) => socket.once('connect', resolve));
          socket.reconnect();
          await connected;
        }
      }, times);
    const measure = async (): Promise<{ listeners: number; heapBytes: number }> => {
      await cdp.send('HeapProfiler.collectGarbage');
      const { metrics } = await cdp.send('Performance.getMetrics');
      const valueOf = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
      return { listeners: valueOf('JSEventListeners'), heapBytes: valueOf('JSHeapUsedSize') };
    };
    await cdp.send('Performance.enable');
    await reconnect(50);
    const before = await measure();
    await reconnect(500);
    const after = await measure();
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
    // If connections were leaked, each would retain far more than a kilobyte.
    expect(after.heapBytes - before.heapBytes).toBeLessThan(500 * 1024);
    await waitFor(() => server.sockets.size === 1, { what: 'one connection to be left' });
  });
});

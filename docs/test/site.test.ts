import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { requiredTool, runProcess } from 'sc-testkit';
// @ts-expect-error -- the site is built with plain JavaScript
import { searchOptions } from '../site/search.mjs';
import { docs } from './pages.js';

const dist = join(docs, '.vitepress', 'dist');
const screenshots = join(docs, 'test', 'screenshots');
const executablePath = requiredTool('chromium', { for: 'the look of the documentation' });
const describeInBrowser = executablePath === undefined ? describe.skip : describe;
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

beforeAll(async () => {
  const { code, stdout, stderr } = await runProcess('site/build.mjs', { cwd: docs, deadlineMs: 300_000 });
  expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
}, 300_000);

describe('the site', () => {
  it('shows pictures that are text in the source', () => {
    const html = readFileSync(join(dist, 'concepts.html'), 'utf8');
    expect(html).toMatch(/<svg [^>]*role="img"/);
    expect(html).not.toContain('┌');
  });

  it('has a page of types for every package', () => {
    for (const name of ['sc-server', 'sc-client', 'ndata-store']) {
      expect(existsSync(join(dist, 'reference', 'api', `${name}.html`))).toBe(true);
    }
  });

  it.each([
    ['guide/history.html', 'docs/guide/history.md'],
    ['reference/sc-client.html', 'packages/sc-client/README.md'],
    ['reference/api/sc-client.html', 'packages/sc-client/src/index.ts'],
  ])('leads from %s to its source', (page, source) => {
    expect(readFileSync(join(dist, page), 'utf8')).toMatch(
      new RegExp(`href="https://github.com/[^"]*/edit/[^"]*/${source}"`),
    );
  });

  it('asks for nothing from elsewhere', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    const loaded = [...html.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(loaded.filter((address = '') => /^(https?:)?\/\//.test(address))).toEqual([]);
  });
});

/** The part of minisearch, the search library of VitePress, that this test uses. */
interface Search {
  search(words: string, options: object): { readonly id: string }[];
}

/** The index that a page loads, with the options of the site's search box. */
async function loadSearch(): Promise<(words: string) => string[]> {
  const chunks = join(dist, 'assets', 'chunks');
  const file = readdirSync(chunks).find((name) => name.startsWith('@localSearchIndexroot')) ?? '';
  const { default: index } = (await import(join(chunks, file))) as { default: string };
  const fromVitePress = createRequire(createRequire(import.meta.url).resolve('vitepress/package.json'));
  const MiniSearch = fromVitePress('minisearch') as { loadJSON(json: string, options: object): Search };
  const options = { fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] };
  const search = MiniSearch.loadJSON(index, options);
  const rank = { fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 }, ...(searchOptions as object) };
  return (words) => search.search(words, rank).map(({ id }) => id);
}

describe('the search', () => {
  let find: (words: string) => string[];

  beforeAll(async () => {
    find = await loadSearch();
  });

  it.each([
    ['presence', '/guide/presence.html'],
    ['online', '/guide/presence.html'],
    ['history', '/guide/history.html'],
    ['recovery', '/guide/history.html'],
    ['offline', '/guide/history.html'],
    ['reconnect', '/guide/history.html'],
    ['broadcast', '/guide/recipes.html'],
    ['rooms', '/guide/recipes.html'],
    ['topics', '/guide/channels.html'],
    ['typing', '/guide/channels.html'],
    ['react', '/guide/react.html'],
    ['express', '/guide/recipes.html'],
    ['fastify', '/guide/recipes.html'],
    ['typescript', '/guide/recipes.html'],
    ['metrics', '/metrics.html'],
    ['prometheus', '/metrics.html'],
    ['grafana', '/metrics.html'],
    ['cors', '/guide/recipes.html'],
    ['sticky', '/guide/recipes.html'],
    ['nginx', '/guide/recipes.html'],
    ['binary', '/guide/recipes.html'],
    ['upload', '/guide/recipes.html'],
    ['jwt', '/guide/authentication.html'],
    ['login', '/guide/authentication.html'],
    ['oauth', '/guide/authentication.html'],
    ['kick', '/guide/deployment.html'],
    ['docker', '/guide/deployment.html'],
    ['kubernetes', '/guide/deployment.html'],
    ['systemd', '/guide/deployment.html'],
    ['health', '/guide/deployment.html'],
    ['graceful', '/guide/deployment.html'],
    ['zero downtime', '/guide/deployment.html'],
    ['redis', '/guide/scaling.html'],
    ['nats', '/guide/scaling.html'],
    ['scaling', '/guide/scaling.html'],
    ['rate limit', '/guide/scaling.html'],
    ['middleware', '/guide/middleware.html'],
    ['sessions', '/guide/sessions.html'],
    ['tls', '/guide/tls.html'],
    ['https', '/guide/tls.html'],
    ['testing', '/guide/testing.html'],
    ['security', '/guide/security.html'],
    ['store', '/guide/ndata.html'],
    ['install', '/getting-started.html'],
    ['options', '/options.html'],
    ['errors', '/errors.html'],
    ['migrate', '/migration/socketcluster-5-14.html'],
    ['socket.io', '/migration/socket-io.html'],
  ])('finds the page for "%s" first', (words, page) => {
    expect(find(words)[0]?.split('#')[0]).toBe(page);
  });

  it.each([
    ['who is online', '/guide/ndata.html#presence'],
    ['file upload', '/guide/recipes.html#file-upload'],
    ['sticky sessions', '/guide/recipes.html#sticky-sessions-and-load-balancers'],
  ])('finds the section for "%s" among the first three', (words, section) => {
    expect(find(words).slice(0, 3)).toContain(section);
  });

  it('finds no generated page of types, which would hide the guides', () => {
    for (const words of ['ClientOptions', 'reconnect', 'store']) {
      expect(find(words).filter((id) => id.startsWith('/reference/api/'))).toEqual([]);
    }
  });
});

describeInBrowser('in a browser', () => {
  let server: Server;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    server = createServer((request, response) => {
      const path = decodeURI((request.url ?? '/').split('?')[0] ?? '/');
      const file = join(dist, path.endsWith('/') ? `${path}index.html` : path);
      if (!file.startsWith(dist) || !existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(response);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: executablePath ?? '', args });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  const looks = [
    { name: 'home', path: '/', shows: 'A realtime and HTTP server cluster' },
    { name: 'concepts', path: '/concepts.html', shows: 'supervisor' },
    { name: 'guide', path: '/guide/authentication.html', shows: 'setAuthToken' },
    { name: 'reference', path: '/reference/api/sc-client.html', shows: 'ClientOptions' },
    { name: 'migration', path: '/migration/socketcluster-1-2.html', shows: 'killWorkerMemoryThreshold' },
  ].flatMap((page) => [
    { ...page, width: 390 },
    { ...page, width: 1280 },
  ]);

  it.each(looks)(
    '$name is whole and does not scroll sideways at $width pixels',
    async ({ name, path, shows, width }) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      try {
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('response', (response) => {
          if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
        });
        await page.goto(`${address}${path}`, { waitUntil: 'load' });
        await page.locator('main, .VPHome').getByText(shows).first().waitFor({ state: 'visible' });
        await page.screenshot({ path: join(screenshots, `${name}-${width}.png`) });
        const [content, visible] = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth, clientWidth] as const;
        });
        expect({ problems, overflow: content - visible }).toEqual({ problems: [], overflow: 0 });
      } finally {
        await page.close();
      }
    },
    60_000,
  );
});

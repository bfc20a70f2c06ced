import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { createCleanup, requiredTool, startProcess, tempDir } from 'sc-testkit';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const executablePath = requiredTool('chromium', { for: 'the React example in a browser' });
// A browser on a busy machine takes its time.
jest.setTimeout(120_000);

const cleanup = createCleanup();
let url: string;

beforeAll(async () => {
  const bundle = join(cleanup.add(tempDir(), (created) => created.remove()).path, 'bundle');
  await build({ root, logLevel: 'warn', build: { outDir: bundle } });
  const server = await startProcess(join(root, 'server.js'), {
    env: { PORT: '0', BUNDLE: bundle },
    readyLine: /^Open http/m,
  });
  cleanup.add(server, (started) => started.stop());
  url = /http:\S+/.exec(server.output())?.[0] ?? '';
}, 120_000);
afterAll(() => cleanup.run());

describe('the built page', () => {
  it('is served with its script, and nothing else is', async () => {
    const page = await (await fetch(`${url}/`)).text();
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    expect((await fetch(url + script)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await fetch(`${url}/server.js`)).status).toBe(404);
  });
});

(executablePath === undefined ? describe.skip : describe)('two pages with React', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
    cleanup.add(browser, (launched) => launched.close());
  });
  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByRole('status').filter({ hasText: 'Connected' }).waitFor();
    return page;
  };
  const add = async (page: Page, text: string) => {
    await page.getByRole('textbox', { name: 'Item to buy' }).fill(text);
    await page.getByRole('button', { name: 'Add' }).click();
  };

  it('share the list, also with one that comes later', async () => {
    const [first, second] = [await open(), await open()];
    await add(first, 'Tea');
    await second.getByText('Tea').waitFor();
    await add(second, 'Milk');
    await first.getByText('Milk').waitFor();
    const third = await open();
    await third.getByText('Milk').waitFor();
    expect(await third.locator('li').allTextContents()).toEqual(['Tea', 'Milk']);
  });

  it('say why something cannot be added', async () => {
    const page = await open();
    await add(page, 'x'.repeat(101));
    await page.getByRole('alert').filter({ hasText: '1 to 100 characters, please' }).waitFor();
    expect(await page.locator('li', { hasText: 'xxx' }).count()).toBe(0);
  });
});

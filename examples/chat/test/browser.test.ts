import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { createCleanup, isAlive, requiredTool, waitFor } from 'sc-testkit';
import { pidOf, startChat } from './support.js';
import type { Chat } from './support.js';

const executablePath = requiredTool('chromium', { for: 'the chat in a browser' });
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

// A browser on a busy machine takes its time.
jest.setTimeout(180_000);

const cleanup = createCleanup();
let chat: Chat;
let browser: Browser;

(executablePath === undefined ? describe.skip : describe)('the chat in a browser', () => {
  beforeEach(async () => {
    chat = await startChat(cleanup);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags.split(' ') });
    cleanup.add(browser, (launched) => launched.close());
  });
  afterEach(() => cleanup.run());

  it('lets two pages on two workers chat both ways', async () => {
    const [ada, grace] = await openOnBothWorkers();
    await enter(ada, 'Ada');
    await enter(grace, 'Grace');
    await say(ada, 'Good morning');
    await say(grace, 'Good morning to you');
    await expectTexts(ada, ['Good morning', 'Good morning to you']);
    await expectTexts(grace, ['Good morning', 'Good morning to you']);
    expect(await grace.locator('.entry .from strong').allTextContents()).toEqual(['Ada', 'You']);
  });

  it('comes back by itself when its worker is killed, and misses nothing after that', async () => {
    const [ada, grace] = await openOnBothWorkers();
    await enter(ada, 'Ada');
    await enter(grace, 'Grace');
    const graceState = await stateOf(grace);
    const pid = pidOf(chat, 'worker 0');

    process.kill(pid, 'SIGKILL');
    // The note stays visible, so that a quick reconnect does not hide the interruption.
    await ada.locator('.note', { hasText: 'The connection was lost' }).waitFor();
    await waitFor(async () => /^Connected to worker \d/.test(await stateOf(ada)), { what: 'Ada to come back' });
    expect(await stateOf(ada)).not.toContain(`pid ${pid}`);

    const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    for (const text of texts) await say(grace, text);
    await say(ada, 'I am back');
    await expectTexts(ada, [...texts, 'I am back']);
    await expectTexts(grace, [...texts, 'I am back']);

    expect(await stateOf(grace)).toBe(graceState);
    expect(await grace.locator('.note').count()).toBe(0);
  });

  it('leaves one entry in the log of the supervisor for a killed worker, and starts another', async () => {
    const pid = pidOf(chat, 'worker 1');
    process.kill(pid, 'SIGKILL');
    const respawned = await waitFor(
      () => chat.logEntries().find((entry) => 'workerPid' in entry && entry['workerPid'] !== pid),
      { what: 'the respawn' },
    );
    expect(isAlive(respawned['workerPid'] as number)).toBe(true);
    const errors = chat.logEntries().filter(({ level }) => level === 'error');
    expect(errors).toEqual([expect.objectContaining({ role: 'worker', id: 1, pid, signal: 'SIGKILL', code: null })]);
  });

  it('keeps what cannot be said, and says why', async () => {
    const page = await open();
    await enter(page, 'Ada');
    await page.evaluate(() => document.querySelector('#say-text')?.removeAttribute('maxlength'));
    await say(page, 'x'.repeat(501));
    await page.locator('#problem', { hasText: 'Please write 1 to 500 characters.' }).waitFor();
    expect(await page.locator('#say-text').inputValue()).toBe('x'.repeat(501));
  });

  it('shows text as text', async () => {
    const page = await open();
    await enter(page, '<b>Ada</b>');
    await say(page, '<img src=x onerror=alert(1)>');
    await expectTexts(page, ['<img src=x onerror=alert(1)>']);
    expect(await page.locator('#log img').count()).toBe(0);
  });

  it('counts what is unread in other channels', async () => {
    const [ada, grace] = await openOnBothWorkers();
    await enter(ada, 'Ada');
    await enter(grace, 'Grace');
    await ada.locator('#join-name').fill('#Random');
    await ada.locator('#join-name').press('Enter');
    await ada.locator('#title', { hasText: '#random' }).waitFor();
    await say(grace, 'in the lobby');
    await ada.locator('.unread[aria-label="1 unread"]').waitFor();
    await ada.locator('#channels button', { hasText: '#lobby' }).click();
    await expectTexts(ada, ['in the lobby']);
    expect(await ada.locator('.unread').count()).toBe(0);
  });

  it('fits a phone and a desktop without scrolling sideways, and every control has a name', async () => {
    for (const viewport of [
      { width: 360, height: 640 },
      { width: 1280, height: 800 },
    ]) {
      const page = await open(viewport);
      await enter(page, 'A name of 24 characters.');
      await say(page, 'long'.repeat(100));
      await page.locator('.entry.mine').waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      for (const control of await page.locator('button:visible, input:visible').all()) {
        const box = await control.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
      }
      expect(await page.getByRole('textbox', { name: 'Your message' }).count()).toBe(1);
      expect(await page.getByRole('button', { name: 'Send' }).count()).toBe(1);
      expect(await page.getByRole('button', { name: 'Join the channel' }).count()).toBe(1);
      expect(await page.getByRole('log', { name: '#lobby' }).count()).toBe(1);
    }
  });
});

/** Opens a page as a separate visitor and waits until it is connected. */
async function open(viewport = { width: 1280, height: 800 }): Promise<Page> {
  const page = await (await browser.newContext({ viewport })).newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(chat.url);
  await page.locator('#state-text', { hasText: /^Connected to worker/ }).waitFor();
  return page;
}

/** The first page is connected to worker 0, the second to worker 1. */
async function openOnBothWorkers(): Promise<[Page, Page]> {
  const pages = new Map<string, Page>();
  for (let attempts = 0; pages.size < 2; attempts++) {
    if (attempts > 30) throw new Error('All pages sit on one worker');
    const page = await open();
    const worker = /worker (\d)/.exec(await stateOf(page))?.[1] ?? '';
    if (pages.has(worker)) await page.context().close();
    else pages.set(worker, page);
  }
  return [pages.get('0')!, pages.get('1')!];
}

async function stateOf(page: Page): Promise<string> {
  return (await page.locator('#state-text').textContent()) ?? '';
}

async function enter(page: Page, name: string): Promise<void> {
  await page.locator('#enter-name').fill(name);
  await page.locator('#enter-name').press('Enter');
  await page.locator('#say-text').waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('#say-text').fill(text);
  await page.locator('#say-text').press('Enter');
}

async function expectTexts(page: Page, texts: readonly string[]): Promise<void> {
  const shown = () => page.locator('.entry .text').allTextContents();
  await waitFor(async () => (await shown()).length >= texts.length, {
    what: `${texts.length} messages`,
  });
  expect(await shown()).toEqual(texts);
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { createCleanup, requiredTool, waitFor } from 'sc-testkit';
import { pidOf, startChat } from './support.js';
import type { Chat } from './support.js';

const executablePath = requiredTool('chromium', { for: 'the history of the chat' });
const flags = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking';
const deadlineMs = 60_000;

const cleanup = createCleanup();
let chat: Chat;
let browser: Browser;
let said: string[];

(executablePath === undefined ? describe.skip : describe)('the history of the chat', () => {
  beforeEach(async () => {
    said = [];
    chat = await startChat(cleanup);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags.split(' ') });
    cleanup.add(browser, (launched) => launched.close());
  });
  afterEach(() => cleanup.run());

  it('shows the last 50 messages to who joins, and the same after the page was loaded again', async () => {
    const ada = await enter('Ada');
    await sayMany(ada, 55);
    const grace = await enter('Grace');
    await expectTexts(grace, said.slice(-50));
    await grace.reload();
    await expectTexts(grace, said.slice(-50));
    await say(ada, 'the next one');
    await expectTexts(grace, said.slice(-51));
  }, 180_000);

  it('loses nothing when the worker of a page is killed while others talk, and says nothing twice', async () => {
    const [ada, grace] = [await enter('Ada'), await enter('Grace')];
    const worker = /worker (\d)/.exec(await stateOf(ada))?.[1] ?? '';
    await sayMany(grace, 5);
    process.kill(pidOf(chat, `worker ${worker}`), 'SIGKILL');
    await sayMany(ada, 3);
    await sayMany(grace, 5);
    await waitFor(async () => (await stateOf(ada)).startsWith('Connected to worker'), {
      what: 'Ada to come back',
      deadlineMs,
    });
    await expectSame(ada, grace);
  }, 180_000);

  it('loses nothing when the workers are replaced while others talk', async () => {
    const [ada, grace] = [await enter('Ada'), await enter('Grace')];
    process.kill(pidOf(chat, 'supervisor'), 'SIGUSR2');
    for (let i = 0; i < 20; i++) await sayMany(i % 2 === 0 ? ada : grace, 1);
    await waitFor(() => chat.output().includes('Reload complete'), { what: 'the reload', deadlineMs });
    await expectSame(ada, grace);
  }, 180_000);

  it('loses nothing while the lid of a laptop is closed', async () => {
    const [ada, grace] = [await enter('Ada'), await enter('Grace')];
    await sayMany(grace, 2);
    await expectTexts(ada, said);
    const session = await ada.context().newCDPSession(ada);
    await ada.context().setOffline(true);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await sayMany(grace, 20);
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await ada.context().setOffline(false);
    await expectTexts(ada, said);
    await say(ada, 'Good morning');
    await expectSame(ada, grace);
  }, 180_000);
});

async function enter(name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(deadlineMs);
  await page.goto(chat.url);
  await page.locator('#state-text', { hasText: /^Connected to worker/ }).waitFor();
  await page.locator('#enter-name').fill(name);
  await page.locator('#enter-name').press('Enter');
  await page.locator('#say-text').waitFor();
  return page;
}

/** Says something, which may take until the connection is back. */
async function say(page: Page, text: string): Promise<void> {
  said.push(text);
  await page.locator('#say-text').fill(text);
  await page.locator('#say-text').press('Enter');
}

async function sayMany(page: Page, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await say(page, `message ${said.length + 1}`);
}

async function stateOf(page: Page): Promise<string> {
  return (await page.locator('#state-text').textContent()) ?? '';
}

const textsOf = (page: Page) => page.locator('.entry .text').allTextContents();

async function expectTexts(page: Page, texts: readonly string[]): Promise<void> {
  await waitFor(async () => (await textsOf(page)).length >= texts.length, {
    what: `${texts.length} messages`,
    deadlineMs,
  });
  expect(await textsOf(page)).toEqual(texts);
}

/** Both pages show everything that was said, once and in one order. */
async function expectSame(one: Page, other: Page): Promise<void> {
  for (const page of [one, other]) {
    await waitFor(async () => (await textsOf(page)).length >= said.length, {
      what: `${said.length} messages`,
      deadlineMs,
    });
  }
  const texts = await textsOf(one);
  expect([...texts].sort()).toEqual([...said].sort());
  expect(await textsOf(other)).toEqual(texts);
}

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { connect } from 'sc-client';
import { createCleanup, isAlive, processTree, requiredTool, runProcess, startProcess, tempDir } from 'sc-testkit';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const executablePath = requiredTool('chromium', { for: 'the pages of the templates in a browser' });
const cleanup = createCleanup();
let work: string;
let tarballs: string;
let browser: Browser | undefined;

/** npm as a person runs it, without what the package manager that runs this test has put into the environment. */
function npm(args: readonly string[], cwd: string) {
  const inherited = Object.keys(process.env).filter((name) => /^(npm|pnpm)_/i.test(name));
  return runProcess('npm', {
    program: '/usr/bin/env',
    args,
    cwd,
    env: {
      ...Object.fromEntries(inherited.map((name) => [name, undefined])),
      FORCE_COLOR: undefined,
      SC_PACKAGES: tarballs,
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    },
    deadlineMs: 120_000,
  });
}

beforeAll(async () => {
  work = cleanup.add(tempDir(), (directory) => directory.remove()).path;
  tarballs = join(work, 'tarballs');
  mkdirSync(tarballs);
  for (const name of readdirSync(join(root, 'packages'))) {
    const directory = join(root, 'packages', name);
    if (!existsSync(join(directory, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { private?: boolean };
    if (manifest.private === true) continue;
    execFileSync('pnpm', ['pack', '--pack-destination', tarballs], { cwd: directory, stdio: 'ignore' });
  }
  if (executablePath === undefined) return;
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
  cleanup.add(browser, (launched) => launched.close());
}, 120_000);
afterAll(() => cleanup.run());

/** The program, and what it needs of ours: the registry is not asked for that. */
const ours = () => readdirSync(tarballs).map((name) => `--package=${join(tarballs, name)}`);

/** `create` without a terminal and without a question, as the packed program does it. */
async function create(name: string, ...flags: readonly string[]) {
  const { code, stdout, stderr } = await npm(
    ['exec', '--yes', ...ours(), '--', 'sc-cli', 'create', name, ...flags],
    work,
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`  cd ${name}\n  npm start\n`);
  return join(work, name);
}

async function expectToPass(app: string) {
  const { code, stdout } = await npm(['test'], app);
  expect({ code, output: code === 0 ? '' : stdout }).toEqual({ code: 0, output: '' });
  expect(stdout).toMatch(/pass 1\n/);
}

async function start(app: string, script = 'start', env: Readonly<Record<string, string>> = {}) {
  const server = cleanup.add(
    await startProcess('npm', {
      program: '/usr/bin/env',
      args: ['run', script],
      cwd: app,
      env: { PORT: '0', ...env },
      readyLine: /^Open http/m,
    }),
    (started) => started.stop(),
  );
  const url = /^Open (http:\S+)$/m.exec(server.output())?.[1] ?? '';
  return { ...server, url, port: Number(new URL(url).port) };
}

function connected(port: number) {
  return cleanup.add(connect({ port }), (opened) => opened.disconnect());
}

/** A wide page and a phone. They share no storage, so that each logs in for itself. */
async function inTwoTabs(url: string, talk: (one: Page, two: Page) => Promise<void>) {
  if (browser === undefined) return;
  const contexts = await Promise.all([
    browser.newContext(),
    browser.newContext({ viewport: { width: 390, height: 780 } }),
  ]);
  const pages = await Promise.all(contexts.map((context) => context.newPage()));
  const problems: string[] = [];
  for (const page of pages) {
    page.setDefaultTimeout(20_000);
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(url);
    // Without an icon of its own, a browser with a window asks for /favicon.ico.
    const icon = await page.locator('link[rel=icon]').getAttribute('href');
    expect((await fetch(new URL(icon ?? '', url))).headers.get('content-type')).toContain('image/svg+xml');
  }
  await talk(pages[0]!, pages[1]!);
  expect(problems).toEqual([]);
  await Promise.all(contexts.map((context) => context.close()));
}

async function shareAWall(one: Page, two: Page) {
  for (const page of [one, two]) await page.getByText(/^Hello there, this is worker \d$/).waitFor();
  await one.locator('#text').fill('Good morning');
  await one.locator('#form button').click();
  for (const page of [one, two]) await page.locator('#wall li', { hasText: 'Good morning' }).waitFor();
}

async function logIn(page: Page, name: string, password = `the password of ${name}`) {
  await page.locator('#username').fill(name);
  await page.locator('#password').fill(password);
  await page.locator('#login button').click();
}

async function say(page: Page, text: string) {
  await page.locator('#text').fill(text);
  await page.locator('#say button').click();
  await page.locator('.mine .text', { hasText: text }).waitFor();
}

describe('the packed command line program', () => {
  it('makes an app that passes its own test and starts with one command', async () => {
    const app = await create('myapp');
    expect(readdirSync(app).sort()).toEqual([
      '.gitignore',
      'README.md',
      'node_modules',
      'package-lock.json',
      'package.json',
      'public',
      'server.js',
      'test',
      'worker.js',
    ]);
    await expectToPass(app);

    const server = await start(app);
    const page = await fetch(server.url);
    expect(await page.text()).toContain('<h1>It works</h1>');
    await expect(connected(server.port).invoke('hello', 'Ada')).resolves.toMatch(/^Hello Ada, this is worker [01]$/);
    await inTwoTabs(server.url, shareAWall);

    const status = await npm(['run', 'status'], app);
    expect({ code: status.code, output: status.stdout }).toMatchObject({ code: 0 });
    expect(status.stdout).toMatch(/^myapp \(\d+\) is running on /m);

    const pids = processTree(server.pid).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    await server.stop();
    expect(pids.filter(isAlive)).toEqual([]);
  }, 240_000);

  it('makes an app in TypeScript whose both ends keep to one contract, run by tsx and built', async () => {
    const app = await create('typed', '--yes', '--template', 'typescript');
    await expectToPass(app);
    const server = await start(app);
    await expect(connected(server.port).invoke('write', ' Good evening ')).resolves.toEqual({
      text: 'Good evening',
      at: expect.any(Number),
    });
    await inTwoTabs(server.url, shareAWall);
    await server.stop();

    expect(await npm(['run', 'build'], app)).toMatchObject({ code: 0 });
    const built = await start(app, 'start:built');
    expect(await (await fetch(`${built.url}/page.js`)).text()).toContain('socketCluster.connect()');
    await expect(connected(built.port).invoke('hello', 'Ada')).resolves.toMatch(/^Hello Ada, this is worker [01]$/);
    await built.stop();
  }, 240_000);

  it('makes a chat with login, whose tokens outlive a restart with a key of its own', async () => {
    const app = await create('chat', '--yes', '--template', 'chat');
    await expectToPass(app);
    writeFileSync(join(app, 'auth.key'), `${'k'.repeat(32)}\n`);
    const env = { SC_AUTH_KEY_FILE: 'auth.key' };
    const server = await start(app, 'start', env);
    expect(server.output()).not.toContain('No authKey was given');
    await inTwoTabs(server.url, async (ada, grace) => {
      await logIn(ada, 'Ada');
      await logIn(grace, 'Grace');
      await say(ada, 'Good morning');
      await say(grace, 'Good morning to you');
      for (const page of [ada, grace]) await page.locator('#log li').nth(1).waitFor();
      expect(await ada.locator('.text').allTextContents()).toEqual(['Good morning', 'Good morning to you']);
      expect(await grace.locator('.text').allTextContents()).toEqual(['Good morning', 'Good morning to you']);
      // The page does not scroll sideways on a phone.
      expect(await grace.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);

      await grace.locator('#logout').click();
      await grace.locator('#login').waitFor();
      expect(await grace.locator('#log li').count()).toBe(0);
      await logIn(grace, 'Ada', 'a wrong guess');
      await grace.getByText('This name is taken, and the password does not match.').waitFor();
    });

    const socket = connected(server.port);
    await socket.invoke('login', { username: 'Ada', password: 'the password of Ada' });
    const token = socket.signedAuthToken;
    await server.stop();
    const again = await start(app, 'start', env);
    const returned = connected(again.port);
    await returned.authenticate(String(token));
    expect(returned.authToken).toMatchObject({ username: 'Ada' });
    await again.stop();
  }, 240_000);

  it('can be run under each of its names', async () => {
    for (const name of ['sc-cli', 'sc', 'socketcluster']) {
      const { code, stdout } = await npm(['exec', '--yes', ...ours(), '--', name, '--version'], work);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    }
  }, 120_000);
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import type { SCClientSocket } from 'sc-client';
import { createCleanup, requiredTool, waitFor, type Cleanup } from 'sc-testkit';
import { startServer, type TestServer } from './support.js';

declare global {
  // Globals that the page below defines.
  var socket: SCClientSocket;
}

const executablePath = requiredTool('chromium', { for: 'two tabs with one token store' });
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];

/** How many rounds of each kind; `TAB_ROUNDS=200` is the long form. */
const rounds = Number(process.env['TAB_ROUNDS'] ?? 10);

const tokenName = 'token';
const require = createRequire(import.meta.url);
const clientDirectory = dirname(require.resolve('sc-client/package.json'));
const packages = { 'sc-client': clientDirectory } as Record<string, string>;
for (const name of ['sc-protocol', 'sc-channel']) {
  packages[name] = dirname(createRequire(join(clientDirectory, 'x')).resolve(`${name}/package.json`));
}
const imports = {
  'sc-protocol': '/sc-protocol/dist/index.js',
  'sc-protocol/client': '/sc-protocol/dist/client.js',
  'sc-protocol/kit': '/sc-protocol/dist/kit.js',
  'sc-channel': '/sc-channel/dist/index.js',
};

function pageWith(store: Store): string {
  const options = store === 'cookieStore' ? 'authEngine: cookieTokenStore({ maxAgeSeconds: 3600 }), ' : '';
  return `<!doctype html><title>tab</title><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { connect } from '/sc-client/dist/index.js';
  import { cookieTokenStore } from '/sc-client/dist/cookie.js';
  globalThis.socket = connect({ ${options}authTokenName: '${tokenName}' });
  socket.on('error', () => {});
</script>`;
}

type Store = 'localStorage' | 'cookieStore';

interface Tabs {
  readonly server: TestServer;
  readonly pages: readonly [Page, Page];
  readonly sign: (role: string) => Promise<string>;
}

/** One round: changes who is logged in, and gives the role that both tabs and the server must agree on, or those that may win. */
type Round = (tabs: Tabs, round: number) => Promise<readonly (string | null)[]>;

const login = (page: Page, token: string): Promise<void> =>
  page.evaluate((signed) => globalThis.socket.authenticate(signed).catch(() => undefined), token);
const logout = (page: Page): Promise<void> => page.evaluate(() => globalThis.socket.deauthenticate());
/** Browsers show a page what another one has stored with a delay; before that it cannot remove it. */
const untilStored = (page: Page, token: string): Promise<unknown> =>
  page.waitForFunction(
    ([name, signed]) => {
      const { document, localStorage } = globalThis as unknown as {
        document: { cookie: string };
        localStorage: { getItem(key: string): string | null };
      };
      return localStorage.getItem(name) === signed || document.cookie.includes(signed);
    },
    [tokenName, token] as const,
  );

const kinds: Readonly<Record<string, Round>> = {
  'logins, every third time in both at once': async ({ pages, sign }, round) => {
    const [one, other] = [`${round} here`, `${round} there`];
    const [here, there] = [await sign(one), await sign(other)];
    if (round % 3 > 0) await login(pages[round % 2] as Page, here);
    else await Promise.all([login(pages[0], here), login(pages[1], there)]);
    return round % 3 > 0 ? [one] : [one, other];
  },
  'renewals by the server, every second time as a change of roles': async ({ pages }, round) => {
    const role = `role ${round}`;
    const call = [round % 2 === 0 ? 'become' : 'change', role] as const;
    await (pages[round % 2] as Page).evaluate(([name, data]) => globalThis.socket.invoke(name, data), call);
    return [role];
  },
  'logouts right behind a login': async ({ pages, sign }, round) => {
    const [page, other] = round % 2 === 0 ? pages : [pages[1], pages[0]];
    const token = await sign(`guest ${round}`);
    if (round % 3 === 0) {
      await login(page, token);
      await untilStored(other, token);
      await logout(other);
      return [null];
    }
    await page.evaluate(async (signed) => {
      const outcome = globalThis.socket.authenticate(signed).catch(() => undefined);
      await globalThis.socket.deauthenticate();
      await outcome;
    }, token);
    return [null];
  },
};

/** The role of each tab, of the server's socket for each, and of the store. */
async function roles({ server, pages }: Tabs): Promise<(string | null)[]> {
  const inPages = await Promise.all(
    pages.map((page) =>
      page.evaluate((name) => {
        const { document, localStorage } = globalThis as unknown as {
          document: { cookie: string };
          localStorage: { getItem(key: string): string | null };
        };
        const { id, authState, authToken } = globalThis.socket;
        const roleOf = (claims: { role?: unknown } | null): string | null => (claims?.role ?? null) as string | null;
        const cookie = document.cookie.split('; ').find((one) => one.startsWith(`${name}=`));
        const signed = cookie?.slice(name.length + 1) ?? localStorage.getItem(name);
        const stored = signed === null ? null : (JSON.parse(atob(signed.split('.')[1] ?? '')) as { role: string });
        const role = roleOf(authToken);
        return {
          id,
          role: (authState === 'authenticated') === (role !== null) ? role : authState,
          stored: roleOf(stored),
        };
      }, tokenName),
    ),
  );
  return inPages.flatMap(({ id, role, stored }) => {
    const claims = server.scServer.clients[id ?? '']?.authToken as { role: string } | null | undefined;
    return [role, claims === undefined ? 'gone' : (claims?.role ?? null), stored];
  });
}

(executablePath === undefined ? describe.skip : describe)('two tabs in Chromium with one token store', () => {
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

  const cases = (['localStorage', 'cookieStore'] as const).flatMap((store) =>
    Object.entries(kinds).map(([kind, round]) => ({ store, kind, round })),
  );
  it.each(cases)(
    'agree with each other, the server and $store after $kind',
    async ({ store, round }) => {
      const server = await startServer(cleanup);
      server.httpServer.removeAllListeners('request').on('request', (request, response) => {
        const [, name = '', path = ''] = /^\/([\w-]+)\/(dist\/[\w./-]+\.js)$/.exec(request.url ?? '') ?? [];
        const directory = packages[name];
        if (directory === undefined) response.setHeader('Content-Type', 'text/html').end(pageWith(store));
        else response.setHeader('Content-Type', 'text/javascript').end(readFileSync(join(directory, path)));
      });
      server.scServer.on('connection', (socket) => {
        socket.handle('become', (role) => socket.setAuthToken({ username: 'ada', role }));
        socket.handle('change', async (role) => {
          socket.removeAuthToken();
          await socket.setAuthToken({ username: 'ada', role });
        });
      });
      const pages = [await context.newPage(), await context.newPage()] as const;
      for (const page of pages) {
        await page.goto(`http://localhost:${server.port}/`);
        await page.waitForFunction(() => (globalThis.socket as SCClientSocket | undefined)?.state === 'open');
      }
      const sign = (role: string): Promise<string> => server.scServer.signAuthToken({ username: 'ada', role });
      const tabs: Tabs = { server, pages, sign };
      const disagreements: string[] = [];
      for (let number = 0; number < rounds; number++) {
        const expected = await round(tabs, number);
        let last: (string | null)[] = [];
        const agree = async (): Promise<boolean> => {
          last = await roles(tabs);
          return expected.some((role) => last.every((one) => one === role));
        };
        const what = 'agreement';
        await waitFor(agree, { what, deadlineMs: 20_000 }).catch(() => undefined);
        // Once more: nothing that is still on its way may undo it.
        if (!(await agree()))
          disagreements.push(`round ${number}: expected ${expected.join(' or ')}, got ${last.join(', ')}`);
      }
      expect(disagreements).toEqual([]);
    },
    60_000 + rounds * 5000,
  );
});

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { createCleanup, startProcess, type StartedProcess } from 'sc-testkit';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const cleanup = createCleanup();
let url: string;

beforeAll(async () => {
  const server = await startProcess<string>(path('server.js'), { env: { PORT: '0' }, readyLine: /^Open http/m });
  cleanup.add(server, (started) => started.stop());
  url = /http:\S+/.exec(server.output())?.[0] ?? '';
});
afterAll(() => cleanup.run());

const post = (route: string, body: object, token = '') =>
  fetch(url + route, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const ada = { username: 'ada', password: 'difference engine' };
const logIn = async () => ((await (await post('/login', ada)).json()) as { token: string }).token;
const client = (...args: string[]): Promise<StartedProcess> =>
  startProcess(path('client.js'), { args: [url, ...args], readyLine: /./ });

describe('logging in with Express', () => {
  it('has a page at /, with every file that it loads', async () => {
    const html = await (await fetch(`${url}/`)).text();
    const loaded = [...html.matchAll(/(?:src|href)="([\w.-]+)"/g)].map(([, file = '']) => file);
    expect(loaded).toEqual(['style.css', 'socketcluster.min.js', 'page.js']);
    for (const file of loaded) expect((await fetch(`${url}/${file}`)).status).toBe(200);
  });

  it.each([
    [{ ...ada, password: 'wrong' }],
    [{ username: 'nobody', password: 'difference engine' }],
    [{ username: ['ada'], password: { length: 1 } }],
    [{}],
  ])('refuses %j', async (body) => {
    const response = await post('/login', body);
    expect([response.status, await response.json()]).toEqual([401, { error: 'Wrong name or password' }]);
  });

  it('opens the routes with the token, and only with it', async () => {
    const authorization = `Bearer ${await logIn()}`;
    expect(await (await fetch(`${url}/me`, { headers: { authorization } })).json()).toEqual({ username: 'ada' });
    expect((await fetch(`${url}/me`)).status).toBe(401);
    expect((await fetch(`${url}/me`, { headers: { authorization: `${authorization}x` } })).status).toBe(401);
  });

  it('opens the socket with the same token: a note that came by HTTP is heard', async () => {
    const listening = cleanup.add(await client(), (started) => started.stop());
    await listening.outputMatch(/Listening as ada/);
    expect((await post('/notes', { text: 'hello' }, await logIn())).status).toBe(204);
    await listening.outputMatch(/^ada: hello$/m);
  });

  it('lets nobody listen without it', async () => {
    const { hostname, port } = new URL(url);
    const socket = cleanup.add(connect({ hostname, port: Number(port) }), (opened) => opened.disconnect());
    const refused = new Promise((resolve) => socket.on('subscribeFail', resolve));
    socket.subscribe('notes');
    expect(await refused).toMatchObject({ message: 'Please log in first' });
    await expect(socket.invoke('whoami')).resolves.toBeNull();
  });
});

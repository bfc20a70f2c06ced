import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { SocketCluster } from '../../dist/index.js';
import { routes } from '../../src/admin/routes.js';
import { controller, startCluster, type TestCluster } from './support.js';

const cleanup = createCleanup();
const adminToken = 'a-token-for-the-tests';
let test: TestCluster;
let url: string;

beforeAll(async () => {
  const channels = { 'kept/*': { history: { size: 10, ageMs: 600_000 }, presence: { graceMs: 1_000 } } };
  test = await startCluster({ adminPort: 0, adminToken, channels });
  cleanup.add(test.cluster, (cluster) => cluster.close());
  url = `http://127.0.0.1:${test.cluster.status().admin?.port}`;
});
afterAll(() => cleanup.run());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(
  path: string,
  { body, ...init }: { body?: unknown; headers?: object; method?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: init.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...init.headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the admin port', () => {
  it('answers nothing without the token, and says what to do', async () => {
    for (const path of Object.keys(routes)) {
      for (const authorization of ['', 'Bearer wrong', `Basic ${adminToken}`, `Bearer ${adminToken}x`]) {
        const { status, body } = await ask(path, { headers: { authorization } });
        expect({ path, status, body }).toMatchObject({
          path,
          status: 401,
          body: { error: { code: 'SC_AUTH', remedy: expect.stringContaining('adminToken') } },
        });
      }
    }
    expect((await ask('/metrics', { headers: { authorization: '' } })).status).toBe(401);
  });

  it('refuses other sites, whatever they send', async () => {
    // fetch would not send these headers as they are.
    const statusWith = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const all = { authorization: `Bearer ${adminToken}`, ...headers };
        request(`${url}/api/status`, { headers: all }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusWith({ origin: 'http://evil.example' })).toBe(403);
    expect(await statusWith({ origin: 'null' })).toBe(403);
    expect(await statusWith({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await statusWith({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await statusWith({ origin: url, 'sec-fetch-site': 'same-origin' })).toBe(200);
    const form = await ask('/api/reload', { body: '{}', headers: { 'content-type': 'text/plain' } });
    expect(form).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('application/json') } },
    });
  });

  it('publishes to clients, and reads the history and the members', async () => {
    const socket = await test.connect();
    await socket.call('#subscribe', { channel: 'kept/a' });
    const published = await ask('/api/publish', { body: { channel: 'kept/a', data: { n: 1 } } });
    expect(published).toMatchObject({ status: 200, body: { position: { offset: 1, epoch: expect.any(String) } } });
    await socket.next(({ event, data }) => event === '#publish' && (data as { data: { n: number } }).data.n === 1);
    const id = { channel: 'kept/a', data: 2, id: 'once' };
    const twice = [await ask('/api/publish', { body: id }), await ask('/api/publish', { body: id })];
    expect(twice.map(({ body }) => (body['position'] as { offset: number }).offset)).toEqual([2, 2]);
    const { body } = await ask('/api/history?channel=kept/a&limit=5');
    expect(body).toMatchObject({
      top: 2,
      publications: [
        { data: { n: 1 }, offset: 1 },
        { data: 2, offset: 2 },
      ],
    });
    const since = await ask(`/api/history?channel=kept/a&epoch=${String(body['epoch'])}&offset=1`);
    expect(since.body).toMatchObject({ recovered: true, publications: [{ offset: 2 }] });
    expect(await ask('/api/presence?channel=kept/a')).toMatchObject({ status: 200, body: { members: [] } });
    expect((await ask('/api/publish', { body: { channel: 'free' } })).body).toEqual({ position: null });
  });

  it('tails a channel, line by line, until the reader goes', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/tail?channel=kept/tail&history=1`, {
      headers: { authorization: `Bearer ${adminToken}` },
      signal: leaving.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (part: string): Promise<void> => {
      while (!text.includes(part)) text += (await reader.read()).value ?? '';
    };
    await readUntil('{"open":"kept/tail"}');
    await ask('/api/publish', { body: { channel: 'kept/tail', data: { password: 'hunter2', text: 'hello' } } });
    await readUntil('hello');
    expect(text).toContain('"password":"[redacted]"');
    leaving.abort();
    await reader.closed.catch(() => undefined);
  });

  it('lists clients and channels, and acts on them with an entry in the log', async () => {
    const [kicked, revoked, gone] = [await test.connect(), await test.connect(), await test.connect()];
    await kicked.call('login', 'kicked');
    await revoked.call('login', 'revoked');
    await gone.call('login', 'gone');
    await kicked.call('#subscribe', { channel: 'room' });
    expect((await ask('/api/clients?user=kicked')).body).toMatchObject({ total: 1, clients: [{ subscriptions: 1 }] });
    const { body } = await ask('/api/channels?sort=subscribers&overMs=1');
    expect(body['channels']).toContainEqual(expect.objectContaining({ channel: 'room', subscribers: 1 }));
    const done = { status: 200, body: { sockets: 1, missing: [] } };
    expect(await ask('/api/kick', { body: { channel: 'room', user: 'kicked', by: 'ann' } })).toEqual(done);
    await kicked.next(({ event }) => event === '#kickOut');
    expect(await ask('/api/revoke', { body: { user: 'revoked', by: 'ann' } })).toEqual(done);
    await revoked.next(({ event }) => event === '#removeAuthToken');
    expect(await ask('/api/disconnect', { body: { user: 'gone', code: 4001, by: 'ann' } })).toEqual(done);
    expect(await gone.closed).toMatchObject({ code: 4001 });
    for (const action of ['kick', 'revoke', 'disconnect']) {
      const details = expect.objectContaining({ action, by: 'ann', sockets: 1 }) as object;
      expect(test.log).toContainEqual({ level: 'info', message: 'An operator changed clients', details });
    }
    expect(JSON.stringify([test.log, test.cluster.status()])).not.toContain(adminToken);
  });

  it('refuses input with the field, the rule and a code', async () => {
    const wrong: readonly (readonly [path: string, body: unknown, status: number, message: string])[] = [
      ['/api/publish', {}, 400, '`channel` must'],
      ['/api/publish', { channel: 'a', volatile: 1 }, 400, '`volatile` must be true or false, got 1'],
      ['/api/publish', '[1]', 400, 'The body must be a JSON object'],
      ['/api/publish', '{', 400, 'The body must be a JSON object'],
      ['/api/publish', { channel: 'a', data: 'x'.repeat(1024 * 1024) }, 413, 'A body must be at most 1048576 bytes'],
      ['/api/disconnect', {}, 400, 'Give either the `id` of a socket or a `user`'],
      ['/api/drain', { overMs: 'soon' }, 400, '`overMs` must be a number, got "soon"'],
      ['/api/clients?limit=0', undefined, 400, '`limit` must be a whole number from 1 to 1000, got 0'],
      ['/api/channels?limit=x', undefined, 400, '`limit` must be a whole number'],
      ['/api/tail?channel=a&history=-1', undefined, 400, '`history` must be a whole number'],
      ['/api/history?channel=a&offset=1', undefined, 400, 'A position needs both'],
      ['/api/none', undefined, 404, 'There is no /api/none'],
      ['/api/reload', undefined, 405, '/api/reload takes POST only'],
    ];
    for (const [path, body, status, message] of wrong) {
      const answer = await ask(path, { body });
      expect({ path, ...answer }).toMatchObject({
        path,
        status,
        body: { error: { message: expect.stringContaining(message) } },
      });
    }
  });

  it('serves a description of every route', async () => {
    const { paths } = (await ask('/openapi.json', { headers: { authorization: '' } })).body as {
      paths: Record<string, object>;
    };
    const described = Object.entries(paths).map(
      ([path, methods]) => `${Object.keys(methods).join().toUpperCase()} ${path}`,
    );
    expect(described.sort()).toEqual(
      Object.entries(routes)
        .map(([path, { method }]) => `${method} ${path}`)
        .sort(),
    );
  });

  it('reloads the workers, and comes back on its port when its process was killed', async () => {
    const reload = await ask('/api/reload', { body: { by: 'ann' } });
    expect(reload).toEqual({ status: 200, body: {} });
    const details = { action: 'reload', by: 'ann' };
    expect(test.log).toContainEqual({
      level: 'info',
      message: 'An operator asked for an action',
      details: expect.objectContaining(details),
    });
    const pid = test.cluster.status().admin?.pid ?? 0;
    const socket = await test.connect();
    process.kill(pid, 'SIGKILL');
    await waitFor(
      () =>
        ask('/api/status').then(
          ({ body }) => (body['admin'] as { pid: number }).pid !== pid,
          () => false,
        ),
      {
        deadlineMs: 60_000,
        what: 'the admin port',
      },
    );
    expect((await socket.call('worker')).error).toBeUndefined();
  });

  it('is never open without a token', () => {
    const workerController = controller('worker.cjs');
    expect(() => new SocketCluster({ workerController, adminPort: 0 })).toThrow('`adminPort` needs adminToken');
    expect(() => new SocketCluster({ workerController, adminToken })).toThrow('`adminToken` needs adminPort');
    expect(() => new SocketCluster({ workerController, adminHost: '::' })).toThrow('`adminHost` needs adminPort');
    expect(() => new SocketCluster({ workerController, adminPort: 0, adminToken: 'short' })).toThrow('16 to 512');
  });
});

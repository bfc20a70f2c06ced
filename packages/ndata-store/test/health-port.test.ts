import { afterEach, expect, it } from '@jest/globals';
import { NdataClient } from '../src/index.js';
import { runBinary, runStore } from './helpers/store-process.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it('the program answers for its health and its metrics, and stops with the store', async () => {
  const store = await runStore(['--port', '0', '--health-port', '0']);
  closers.push(() => store.child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${/health port (\d+)/.exec(store.stderr())?.[1]}`;
  const client = new NdataClient({ port: Number(/:(\d+)\n/.exec(store.stdout())?.[1]) });
  closers.push(() => client.close());
  await client.set('key', 1);
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`${url}${path}`, { method });
    return [response.status, await response.text()];
  };
  expect(await ask('/healthz')).toEqual([200, '{"alive":true}\n']);
  expect(await ask('/readyz')).toEqual([200, '{"ready":true}\n']);
  expect((await ask('/other'))[0]).toBe(404);
  expect((await ask('/readyz', 'POST'))[0]).toBe(405);
  const [status, metrics] = await ask('/metrics');
  expect(status).toBe(200);
  expect(metrics).toMatch(/^# TYPE sc_store_keys gauge\nsc_store_keys 1$/m);
  expect(metrics).toContain('sc_store_clients 1');
  expect(metrics).toContain('sc_limit_hits_total{limit="authFailures"} 0');
  store.child.kill('SIGTERM');
  expect(await store.exited).toBe(0);
});

it.each([
  [['--health-port', 'x'], '--health-port must be a whole number, got x'],
  [['--health-port', '70000'], '--health-port must be at most 65535, got 70000'],
  [['--health-host', '0.0.0.0'], '--health-host needs --health-port'],
])('refuses %j', async (args, message) => {
  const program = runBinary(args);
  expect(await program.exited).toBe(2);
  expect(program.stderr()).toContain(message);
});

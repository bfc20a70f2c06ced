import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect } from 'sc-client';
import type { App } from '../src/app.js';

async function startServer() {
  const server = spawn(process.execPath, ['--import', 'tsx', 'src/server.ts'], {
    env: { ...process.env, PORT: '0' }, // Any free port.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  for await (const line of createInterface({ input: server.stdout })) {
    const port = /^Open http:\/\/localhost:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    server.stdout.resume();
    return { server, ended, port: Number(port) };
  }
  throw new Error('The server exited before it was ready');
}

test('serves the page, answers a call, and brings a note to every client', { timeout: 60_000 }, async (t) => {
  const { server, ended, port } = await startServer();
  t.after(async () => {
    server.kill('SIGTERM');
    await ended;
  });

  const page = await fetch(`http://localhost:${port}/`);
  assert.match(await page.text(), /It works/);
  const script = await fetch(`http://localhost:${port}/page.js`);
  assert.match(await script.text(), /socketCluster\.connect\(\)/);

  const [one, two] = [connect<App>({ port }), connect<App>({ port })];
  t.after(() => one.disconnect());
  t.after(() => two.disconnect());
  assert.match(await one.invoke('hello', 'test'), /^Hello test, this is worker \d+$/);

  const wall = two.subscribe('wall');
  const notes = wall[Symbol.asyncIterator]();
  while (!wall.isSubscribed()) await new Promise<void>((resolve) => wall.once('subscribe', () => resolve()));
  const written = await one.invoke('write', 'good morning');
  assert.equal(written.text, 'good morning');
  assert.deepEqual(await notes.next(), { value: written, done: false });

  await assert.rejects(one.invoke('write', ' '), { message: 'Please write 1 to 200 characters of text' });
  // @ts-expect-error the contract has no such procedure
  await assert.rejects(one.invoke('shout', 'x'));
});

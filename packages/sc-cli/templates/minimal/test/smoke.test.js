import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect } from 'sc-client';

async function startServer() {
  const server = spawn(process.execPath, ['server.js'], {
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

test('serves the page, answers a call, and brings a publication to every client', { timeout: 60_000 }, async (t) => {
  const { server, ended, port } = await startServer();
  t.after(async () => {
    server.kill('SIGTERM');
    await ended;
  });

  const page = await fetch(`http://localhost:${port}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /It works/);

  const [one, two] = [connect({ port }), connect({ port })];
  t.after(() => one.disconnect());
  t.after(() => two.disconnect());
  assert.match(await one.invoke('hello', 'test'), /^Hello test, this is worker \d+$/);

  const wall = two.subscribe('wall');
  const publications = wall[Symbol.asyncIterator]();
  while (!wall.isSubscribed()) await new Promise((resolve) => wall.once('subscribe', resolve));
  await one.channel('wall').publish('good morning');
  assert.deepEqual(await publications.next(), { value: 'good morning', done: false });
  await assert.rejects(one.channel('elsewhere').publish('x'), { message: 'You may only publish to "wall"' });
});

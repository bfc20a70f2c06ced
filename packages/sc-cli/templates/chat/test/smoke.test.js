import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect, memoryTokenStore } from 'sc-client';

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

test('logs in, chats, and keeps strangers out', { timeout: 60_000 }, async (t) => {
  const { server, ended, port } = await startServer();
  t.after(async () => {
    server.kill('SIGTERM');
    await ended;
  });

  const page = await fetch(`http://localhost:${port}/`);
  assert.match(await page.text(), /Who are you\?/);

  const [ada, eve] = [
    connect({ port, authEngine: memoryTokenStore() }),
    connect({ port, authEngine: memoryTokenStore() }),
  ];
  t.after(() => ada.disconnect());
  t.after(() => eve.disconnect());
  await ada.invoke('login', { username: 'Ada', password: 'difference engine' });
  await assert.rejects(
    eve.invoke('login', { username: 'ada', password: 'a wrong guess' }),
    /the password does not match/,
  );
  await assert.rejects(eve.invoke('say', 'hello'), { message: 'Please log in first.' });
  await assert.rejects(eve.invoke('recent'), { message: 'Please log in first.' });

  await eve.invoke('login', { username: 'Eve', password: 'my own password' });
  const chat = eve.subscribe('chat');
  const messages = chat[Symbol.asyncIterator]();
  while (!chat.isSubscribed()) await new Promise((resolve) => chat.once('subscribe', resolve));
  await ada.invoke('say', ' Good morning ');
  const { value: message } = await messages.next();
  assert.deepEqual([message.from, message.text], ['Ada', 'Good morning']);
  assert.deepEqual(await eve.invoke('recent'), [message]);
  await assert.rejects(eve.channel('chat').publish({ from: 'Ada', text: 'fake' }), /Please use the procedure "say"/);
});

import assert from 'node:assert/strict';
import { serverCase, type ServerCheck } from '../server-target.js';

/** Checks that other clients are still served. */
async function checkOthers(check: ServerCheck): Promise<void> {
  const socket = await check.connect();
  assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
}

const brokenFrames = [
  { event: '#publish', data: null },
  { event: '#publish', data: {} },
  { event: '#publish', data: { channel: 5 } },
  { event: '#publish', data: { channel: ['a'] } },
  { event: '#publish', data: { channel: '' } },
  { event: '#publish', data: { channel: 'a\u0000b' } },
  { event: '#publish', data: { channel: 'x'.repeat(256) } },
  { event: '#subscribe' },
  { event: '#subscribe', data: null },
  { event: '#subscribe', data: 5 },
  { event: '#subscribe', data: [['a']] },
  { event: '#subscribe', data: { channel: {} } },
  { event: '#unsubscribe', data: 7 },
  { event: '' },
  { event: 'x'.repeat(256) },
];

export const hostileCases = [
  serverCase('answers a call that breaks the protocol with the name of its fault', async (check) => {
    const socket = await check.connect();
    for (const [index, frame] of brokenFrames.entries()) {
      const cid = 500 + index;
      socket.sendFrame({ ...frame, cid });
      const { error } = await socket.next(({ rid }) => rid === cid, { what: `the answer to ${JSON.stringify(frame)}` });
      const { name, code, stack } = error as Record<string, unknown>;
      assert.deepEqual(
        { name, code, stack },
        { name: 'InvalidFrameError', code: 'SC_INVALID_FRAME', stack: undefined },
      );
    }
    assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
  }),

  serverCase('closes with 4010 for such a frame that is no call', async (check) => {
    for (const frame of brokenFrames.slice(0, 5)) {
      const socket = await check.connect();
      socket.sendFrame(frame);
      assert.equal((await socket.closed).code, 4010, JSON.stringify(frame));
    }
    await checkOthers(check);
  }),

  serverCase('closes with 4010 for text that only begins like JSON, or is nested too deep', async (check) => {
    const deep = '['.repeat(5000) + ']'.repeat(5000);
    for (const text of ['{', '{"event":', '[1', '{}}', `{"event":"a","data":${deep}}`, deep]) {
      const socket = await check.connect();
      socket.send(text);
      assert.equal((await socket.closed).code, 4010, text.slice(0, 40));
    }
    await checkOthers(check);
  }),

  serverCase('takes other text for raw data', async (check) => {
    const socket = await check.connect();
    for (const text of ['hello', '17', 'null', '"x"', '3', '#3', ' ', '\u0000', '{"hello":1}', '{"event":5}'])
      socket.send(text);
    assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
  }),

  serverCase('ignores answers that nobody waits for', async (check) => {
    const socket = await check.connect();
    for (const rid of [0, 1, 2, 999, 2 ** 52])
      for (const rest of [{}, { data: 1 }, { error: { message: 'x' } }, { error: 'x', data: null }])
        socket.sendFrame({ rid, ...rest });
    assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
  }),

  serverCase('does not answer a call whose id is no number', async (check) => {
    const socket = await check.connect();
    for (const cid of ['7', -1, 1.5, null, {}, [1], true, 2 ** 53, 1e308])
      socket.sendFrame({ event: '#unsubscribe', data: check.channel(), cid });
    socket.send('{"event":"#unsubscribe","data":"a","cid":1e999}');
    assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
    assert.equal(socket.frames.filter((frame) => 'rid' in frame).length, 2);
  }),

  serverCase('answers calls that share an id, each once', async (check) => {
    const socket = await check.connect();
    for (let i = 0; i < 3; i++) socket.sendFrame({ event: '#subscribe', data: check.channel(), cid: 77 });
    for (let i = 0; i < 3; i++) await socket.next(({ rid }) => rid === 77, { what: `answer ${i + 1}` });
  }),

  serverCase('serves channels named like properties of every object', async (check) => {
    const socket = await check.connect();
    for (const channel of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
      assert.equal((await socket.call('#subscribe', { channel })).error, undefined);
      await socket.call('#publish', { channel, data: { channel } });
      const { data } = await socket.next(({ event }) => event === '#publish', { what: `publication in ${channel}` });
      assert.deepEqual(data, { channel, data: { channel } });
      assert.equal((await socket.call('#unsubscribe', channel)).error, undefined);
    }
  }),

  serverCase('carries data with such keys, and pollutes nothing', async (check) => {
    const socket = await check.connect();
    const channel = check.channel();
    await socket.call('#subscribe', { channel });
    const data = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    socket.send(`{"event":"#publish","data":{"channel":${JSON.stringify(channel)},"data":${data}}}`);
    await socket.next(({ event }) => event === '#publish', { what: 'the publication' });
    assert.ok(socket.messages.some((message) => typeof message === 'string' && message.includes(data)));
    await checkOthers(check);
  }),

  serverCase('refuses tokens of any wrong kind without falling over', async (check) => {
    for (const data of [undefined, null, 5, {}, [], ['a'], true, 'not a token', 'a.b.c', 'x'.repeat(5000)]) {
      // One attempt per socket, because a server may close after several.
      const socket = await check.connect();
      const { error } = await socket.call('#authenticate', data);
      assert.match(String(error?.name), /^AuthToken\w*Error$/);
      assert.equal(error?.['stack'], undefined);
    }
  }),
];

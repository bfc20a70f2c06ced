import assert from 'node:assert/strict';
import { serverCase } from '../server-target.js';

export const batchCases = [
  serverCase('takes frames in an array, in their order, a bad one among them', async (check) => {
    const socket = await check.connect();
    const channel = check.channel();
    socket.sendFrame([
      { event: '#subscribe', data: { channel }, cid: 101 },
      { event: '#publish', data: { channel, data: 'a' }, cid: 102 },
      { event: '#publish', data: null, cid: 103 },
      { event: '#publish', data: { channel, data: 'b' }, cid: 104 },
    ]);
    for (const rid of [101, 102, 104]) {
      const response = await socket.next((frame) => frame['rid'] === rid, { what: `the answer to ${rid}` });
      assert.equal(response['error'], undefined);
    }
    const { error } = await socket.next((frame) => frame['rid'] === 103, { what: 'the refusal' });
    assert.equal((error as { name: string }).name, 'InvalidFrameError');
    for (const data of ['a', 'b']) {
      const frame = await socket.next(({ event }) => event === '#publish', { what: `publication ${data}` });
      assert.deepEqual(frame['data'], { channel, data });
    }
  }),

  serverCase('takes the handshake in an array', async (check) => {
    const socket = await check.open();
    socket.sendFrame([{ event: '#handshake', data: { authToken: null }, cid: 1 }]);
    await socket.next((frame) => frame['rid'] === 1, { what: 'the answer to #handshake' });
  }),

  serverCase('takes an empty array and an array in an array for no frames', async (check) => {
    const socket = await check.connect();
    socket.sendFrame([]);
    socket.sendFrame([[{ event: '#subscribe', data: 'x', cid: 9 }]]);
    assert.equal((await socket.call('#subscribe', check.channel())).error, undefined);
    assert.equal(
      socket.frames.some((frame) => frame['rid'] === 9),
      false,
    );
  }),

  serverCase('sends no array to a client that gave no sign of taking one', async (check) => {
    const socket = await check.connect({ answersPings: false });
    const channel = check.channel();
    socket.sendFrame({ event: '#subscribe', data: channel, cid: 201 });
    for (let data = 0; data < 20; data++)
      socket.sendFrame({ event: '#publish', data: { channel, data }, cid: 300 + data });
    await socket.next((frame) => frame['rid'] === 319, { what: 'the last answer' });
    assert.deepEqual(
      socket.messages.filter((message) => typeof message === 'string' && message.startsWith('[')),
      [],
    );
  }),

  serverCase('closes with 4010 for more frames than fit a batch', async (check) => {
    const socket = await check.connect();
    socket.send(JSON.stringify(new Array(1025).fill({})));
    assert.equal((await socket.closed).code, 4010);
  }),
];

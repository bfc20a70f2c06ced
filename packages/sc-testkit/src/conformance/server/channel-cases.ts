import assert from 'node:assert/strict';
import type { RawSocket } from '../../raw-socket.js';
import { serverCase } from '../server-target.js';

/** Makes a round trip: when it completes, all data that was in flight to this socket has arrived. */
async function roundTrip(socket: RawSocket): Promise<void> {
  await socket.call('#unsubscribe', `conformance/${Math.random()}`);
}

function publications(socket: RawSocket): unknown[] {
  return socket.frames.filter((frame) => frame['event'] === '#publish').map((frame) => frame['data']);
}

async function heard(socket: RawSocket, count: number): Promise<unknown[]> {
  for (let i = 0; i < count; i++)
    await socket.next((frame) => frame['event'] === '#publish', { what: `publication ${i + 1} of ${count}` });
  return publications(socket);
}

export const channelCases = [
  serverCase('takes subscriptions as text, as an object, and as an array of either', async (check) => {
    const socket = await check.connect();
    const names = [check.channel(), check.channel(), check.channel(), check.channel()];
    const [text, object, first, second] = names;
    for (const data of [text, { channel: object }, [first, { channel: second }]])
      assert.equal((await socket.call('#subscribe', data)).error, undefined);
    for (const channel of names) await socket.call('#publish', { channel, data: channel });
    assert.deepEqual(
      await heard(socket, 4),
      names.map((channel) => ({ channel, data: channel })),
    );
  }),

  serverCase(
    'delivers a publication once to every subscriber, the publisher among them, and to nobody else',
    async (check) => {
      const channel = check.channel();
      const [publisher, subscriber, other] = [await check.connect(), await check.connect(), await check.connect()];
      for (const socket of [publisher, subscriber]) await socket.call('#subscribe', { channel });
      const data = { text: 'héllo ☃ 😀 \u2028 "\\', list: [1, null, { a: true }], zero: 0 };
      assert.equal((await publisher.call('#publish', { channel, data })).error, undefined);
      for (const socket of [publisher, subscriber]) {
        await heard(socket, 1);
        await roundTrip(socket);
        assert.deepEqual(publications(socket), [{ channel, data }]);
      }
      await roundTrip(other);
      assert.deepEqual(publications(other), []);
    },
  ),

  serverCase('sends publications without a call id', async (check) => {
    const channel = check.channel();
    const socket = await check.connect();
    await socket.call('#subscribe', { channel });
    socket.emit('#publish', { channel, data: 1 });
    const frame = await socket.next(({ event }) => event === '#publish', { what: 'the publication' });
    assert.equal(frame['cid'], undefined);
  }),

  serverCase('keeps the order of what one socket publishes', async (check) => {
    const channel = check.channel();
    const [publisher, subscriber] = [await check.connect(), await check.connect()];
    await subscriber.call('#subscribe', { channel });
    const sent = Array.from({ length: 200 }, (_, index) => index);
    for (const data of sent) publisher.emit('#publish', { channel, data });
    const data = (await heard(subscriber, sent.length)) as { data: number }[];
    assert.deepEqual(
      data.map((one) => one.data),
      sent,
    );
  }),

  serverCase('does not answer a publish without a call id', async (check) => {
    const socket = await check.connect();
    socket.emit('#publish', { channel: check.channel(), data: 1 });
    await roundTrip(socket);
    // The responses to the handshake and to the round trip.
    assert.equal(socket.frames.filter((frame) => 'rid' in frame).length, 2);
  }),

  serverCase('ends a subscription named as text, as an object or in an array, and twice is no error', async (check) => {
    const socket = await check.connect();
    const names = [check.channel(), check.channel(), check.channel()];
    const [text, object, listed] = names;
    for (const channel of names) await socket.call('#subscribe', { channel });
    for (const data of [text, { channel: object }, [listed], text])
      assert.equal((await socket.call('#unsubscribe', data)).error, undefined);
    for (const channel of names) await socket.call('#publish', { channel, data: 1 });
    await roundTrip(socket);
    assert.deepEqual(publications(socket), []);
  }),

  serverCase('delivers once to a socket that subscribed twice', async (check) => {
    const channel = check.channel();
    const socket = await check.connect();
    await socket.call('#subscribe', { channel });
    await socket.call('#subscribe', channel);
    await socket.call('#publish', { channel, data: 1 });
    await heard(socket, 1);
    await roundTrip(socket);
    assert.equal(publications(socket).length, 1);
  }),

  serverCase('delivers data that is falsy, and no data', async (check) => {
    const channel = check.channel();
    const socket = await check.connect();
    await socket.call('#subscribe', { channel });
    const values = [0, false, '', null];
    for (const data of values) await socket.call('#publish', { channel, data });
    await socket.call('#publish', { channel });
    assert.deepEqual(await heard(socket, 5), [...values.map((data) => ({ channel, data })), { channel }]);
  }),
];

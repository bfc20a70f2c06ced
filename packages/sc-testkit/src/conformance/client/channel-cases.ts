import assert from 'node:assert/strict';
import { waitFor } from '../../wait-for.js';
import { clientCase } from '../client-target.js';

/** The channels that a `#subscribe` frame names, in any form. */
function channelsOf(data: unknown): unknown[] {
  return (Array.isArray(data) ? (data as unknown[]) : [data]).map((one) =>
    typeof one === 'string' ? one : (one as { channel: unknown }).channel,
  );
}

export const clientChannelCases = [
  clientCase('subscribes, hears publications of that channel only, and unsubscribes', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const heard: unknown[] = [];
    const subscribed = client.subscribe('news', (data) => heard.push(data));
    const { data } = await socket.answer('#subscribe');
    assert.deepEqual(channelsOf(data), ['news']);
    await subscribed;
    for (const [channel, value] of [
      ['other', 0],
      ['news', { text: 'héllo 😀' }],
      ['news', null],
    ])
      socket.sendFrame({ event: '#publish', data: { channel, data: value }, later: 1 });
    await waitFor(() => heard.length === 2, { what: 'two publications' });
    assert.deepEqual(heard, [{ text: 'héllo 😀' }, null]);

    client.unsubscribe('news');
    const { data: left } = await socket.event('#unsubscribe');
    assert.deepEqual(channelsOf(left), ['news']);
  }),

  clientCase('learns why a subscription is refused', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const refused = client.subscribe('secret', () => undefined).catch((error: unknown) => error);
    await socket.answer('#subscribe', { error: { name: 'MiddlewareBlockedError', message: 'Members only' } });
    assert.match(String(await refused), /Members only/);
  }),

  clientCase('publishes as a call and waits for the ack', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const published = client.publish('news', { a: 1 });
    const { data } = await socket.answer('#publish');
    // A client may number its publications.
    const { channel, data: sent } = data as { channel: unknown; data: unknown };
    assert.deepEqual({ channel, data: sent }, { channel: 'news', data: { a: 1 } });
    await published;
    const refused = client.publish('news', 2).catch((error: unknown) => error);
    await socket.answer('#publish', { error: { name: 'Error', message: 'Read only' } });
    assert.match(String(await refused), /Read only/);
  }),

  clientCase('subscribes again after a reconnect, but not to what it was kicked out of', async ({ server, start }) => {
    const client = start();
    const first = await server.socket();
    await first.acceptHandshake();
    const heard: unknown[] = [];
    for (const channel of ['kept', 'lost']) {
      const subscribed = client.subscribe(channel, (data) => heard.push(data));
      await first.answer('#subscribe');
      await subscribed;
    }
    first.sendFrame({ event: '#kickOut', data: { channel: 'lost', message: 'Enough' } });
    first.sendFrame({ event: '#publish', data: { channel: 'kept', data: 'before' } });
    await waitFor(() => heard.length === 1, { what: 'the publication' });
    first.terminate();

    const second = await server.socket();
    await second.acceptHandshake();
    const { data } = await second.answer('#subscribe');
    assert.deepEqual(channelsOf(data), ['kept']);
    second.sendFrame({ event: '#publish', data: { channel: 'kept', data: 'after' } });
    await waitFor(() => heard.length === 2, { what: 'the publication after the reconnect' });
    const asked = second.frames
      .filter(({ event }) => event === '#subscribe')
      .flatMap((frame) => channelsOf(frame['data']));
    assert.deepEqual(asked, ['kept']);
  }),
];

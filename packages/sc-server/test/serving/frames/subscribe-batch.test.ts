import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('acks of subscriptions', () => {
  const ask = (cid: number, channel: string, batch?: true) => ({
    event: '#subscribe',
    data: { channel, ...(batch && { batch }) },
    cid,
  });
  const acks = (raw: { messages: readonly unknown[] }) =>
    raw.messages
      .map(String)
      .filter((text) => text.includes('"rid":10'))
      .map((text) => JSON.parse(text) as unknown);

  it(
    'leave as one array for a client that asked for it, refusals among them',
    withServer(async (server) => {
      server.scServer.addMiddleware('subscribe', ({ channel }) => {
        if (channel === 'denied') throw new Error('Denied: denied');
      });
      const { raw } = await server.connect();
      raw.sendFrame([ask(100, 'a', true), ask(101, 'denied', true), ask(102, 'b', true)]);
      await raw.next(({ rid }) => rid === 102);
      const received = acks(raw).flat() as { rid: number; error?: { message: string } }[];
      expect(received.map(({ rid, error }) => [rid, error?.message])).toEqual(
        expect.arrayContaining([
          [100, undefined],
          [101, 'Denied: denied'],
          [102, undefined],
        ]),
      );
    }),
  );

  it(
    'of one turn are one message',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.sendFrame([ask(100, 'a', true), ask(101, 'b', true), ask(102, 'c', true)]);
      await raw.next(({ rid }) => rid === 102);
      expect(acks(raw)).toEqual([[{ rid: 100 }, { rid: 101 }, { rid: 102 }]]);
    }),
  );

  it(
    'are frames of their own for a client that did not ask',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.sendFrame([ask(100, 'a'), ask(101, 'b')]);
      await raw.next(({ rid }) => rid === 101);
      expect(acks(raw)).toEqual([{ rid: 100 }, { rid: 101 }]);
    }),
  );
});

import { describe, expect, it } from '@jest/globals';
import { publications, settled, withServer } from '../support.js';

describe('the frame #unsubscribe', () => {
  it.each([
    ['a name', 'x'],
    ['an array of names', ['x', 'y']],
  ])('takes %s; nothing arrives after its ack', async (_form, data) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const events: string[] = [];
      socket.on('unsubscribe', (channel) => void events.push(channel));
      await raw.call('#subscribe', 'x');
      void server.scServer.exchange.publish('x', 'before');
      expect(await raw.call('#unsubscribe', data)).toEqual({ rid: 3 });
      await server.scServer.exchange.publish('x', 'after');
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'x', data: 'before' }]);
      expect(socket.subscriptions()).toEqual([]);
      expect(events).toEqual(['x']);
      expect(server.scServer.stats().channels).toBe(0);
    })();
  });

  it(
    'cannot fail for a channel that the client does not have',
    withServer(async (server) => {
      const { raw } = await server.connect();
      expect(await raw.call('#unsubscribe', 'unknown')).toEqual({ rid: 2 });
    }),
  );

  it(
    'right behind a subscription undoes it, and one behind that does it again',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      raw.sendFrame([
        { event: '#subscribe', data: 'x' },
        { event: '#unsubscribe', data: 'x' },
      ]);
      await settled(raw);
      expect(socket.subscriptions()).toEqual([]);
      raw.sendFrame([
        { event: '#subscribe', data: 'x' },
        { event: '#unsubscribe', data: 'x' },
        { event: '#subscribe', data: 'x' },
      ]);
      await settled(raw);
      await server.scServer.exchange.publish('x', 1);
      await settled(raw);
      expect(publications(raw)).toEqual([{ channel: 'x', data: 1 }]);
    }),
  );
});

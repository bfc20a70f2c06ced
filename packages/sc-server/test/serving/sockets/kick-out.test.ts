import { describe, expect, it } from '@jest/globals';
import { publications, settled, withServer } from '../support.js';

describe('kickOut', () => {
  it(
    'ends one subscription, tells the client why, and nothing arrives any more',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const left: string[] = [];
      socket.on('unsubscribe', (channel) => void left.push(channel));
      await raw.call('#subscribe', ['x', 'y']);
      const done = new Promise((resolve) => socket.kickOut('x', 'Be nice', resolve));
      socket.kickOut('unknown', 'Be nice');
      await server.scServer.exchange.publish('x', 1);
      await server.scServer.exchange.publish('y', 2);
      await settled(raw);
      expect(await done).toBeNull();
      expect(raw.frames.filter(({ event }) => event === '#kickOut')).toEqual([
        { event: '#kickOut', data: { channel: 'x', message: 'Be nice' } },
      ]);
      expect(publications(raw)).toEqual([{ channel: 'y', data: 2 }]);
      expect([socket.subscriptions(), left]).toEqual([['y'], ['x']]);
    }),
  );

  it(
    'without a channel ends them all',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      await raw.call('#subscribe', ['x', 'y']);
      socket.kickOut();
      await settled(raw);
      expect(raw.frames.filter(({ event }) => event === '#kickOut')).toEqual([
        { event: '#kickOut', data: { channel: 'x', message: '' } },
        { event: '#kickOut', data: { channel: 'y', message: '' } },
      ]);
      expect(server.scServer.stats().channels).toBe(0);
    }),
  );
});

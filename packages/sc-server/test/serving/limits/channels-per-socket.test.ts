import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('the channels of a socket', () => {
  it(
    'may be socketChannelLimit; one more is refused, and fits again when another is left',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        expect(await raw.call('#subscribe', ['a', 'b', 'c'])).toEqual({ rid: 2 });
        expect((await raw.call('#subscribe', 'd')).error).toEqual({
          name: 'ResourceLimitError',
          message: `Socket ${socket.id} tried to exceed the channel subscription limit of 3`,
          code: 'SC_RESOURCE_LIMIT',
          limit: 'socketChannelLimit',
        });
        expect(await raw.call('#subscribe', 'a')).toEqual({ rid: 4 });
        await raw.call('#unsubscribe', 'a');
        expect(await raw.call('#subscribe', 'd')).toEqual({ rid: 6 });
        expect(socket.subscriptions()).toEqual(['b', 'c', 'd']);
        expect(server.scServer.stats().limitHits.channelsPerSocket).toBe(1);
      },
      { socketChannelLimit: 3 },
    ),
  );

  it(
    'counts those that are asked for in one go',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        const { error } = await raw.call('#subscribe', ['a', 'b', 'c', 'd']);
        expect(error?.name).toBe('ResourceLimitError');
        expect(socket.subscriptions()).toEqual(['a', 'b', 'c']);
      },
      { socketChannelLimit: 3 },
    ),
  );

  it(
    'are 128 by default',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
      expect(await raw.call('#subscribe', names(128))).toEqual({ rid: 2 });
      expect((await raw.call('#subscribe', 'more')).error?.name).toBe('ResourceLimitError');
      expect(socket.subscriptions()).toHaveLength(128);
    }),
  );
});

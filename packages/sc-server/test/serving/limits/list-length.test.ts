import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

const names = (length: number) => Array.from({ length }, (_, index) => `c${index}`);

describe('the length of a list', () => {
  it(
    'of frames may be 1024; one more closes with 4010',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        let count = 0;
        socket.on('n', () => void (count += 1));
        raw.sendFrame(names(1024).map(() => ({ event: 'n' })));
        raw.sendFrame(names(1025).map(() => ({ event: 'n' })));
        expect((await raw.closed).code).toBe(4010);
        expect(count).toBe(1024);
        expect(server.scServer.stats().limitHits.listLength).toBe(1);
      },
      { inboundRate: 0 },
    ),
  );

  it(
    'of channels in one frame may be 1024; one more is refused',
    withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        expect((await raw.call('#subscribe', names(1025))).error).toMatchObject({
          name: 'InvalidFrameError',
        });
        expect(socket.subscriptions()).toEqual([]);
        expect(await raw.call('#subscribe', names(1024))).toEqual({ rid: 3 });
        expect(socket.subscriptions()).toHaveLength(1024);
        expect(server.scServer.stats().limitHits.listLength).toBe(1);
      },
      { socketChannelLimit: 2000 },
    ),
  );
});

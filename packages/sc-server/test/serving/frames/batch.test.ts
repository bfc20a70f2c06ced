import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('a batch of frames', () => {
  it(
    'is handled in order, each frame answered on its own',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('echo', (data, respond) => respond(null, data));
      raw.sendFrame([
        { event: 'echo', data: 'a', cid: 10 },
        { event: 'unheard', cid: 11 },
        { event: '#subscribe', data: {}, cid: 12 },
        { event: 'echo', data: 'b', cid: 13 },
      ]);
      await raw.next(({ rid }) => rid === 13);
      expect(
        raw.frames.slice(1).map(({ rid, data, error }) => [rid, data, (error as Error | undefined)?.name]),
      ).toEqual([
        [10, 'a', undefined],
        [11, undefined, 'NoHandlerError'],
        [12, undefined, 'InvalidFrameError'],
        [13, 'b', undefined],
      ]);
    }),
  );

  it(
    'of 1024 frames is taken, of 1025 closes with 4010',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      let count = 0;
      socket.on('n', () => void (count += 1));
      const frames = (length: number) => Array.from({ length }, () => ({ event: 'n' }));
      raw.sendFrame(frames(1024));
      raw.sendFrame(frames(1025));
      expect((await raw.closed).code).toBe(4010);
      expect(count).toBe(1024);
    }),
  );

  it(
    'may not hold the handshake of a second life: what comes before it closes with 4009',
    withServer(async (server) => {
      const raw = await server.open();
      raw.sendFrame([
        { event: '#subscribe', data: 'x', cid: 1 },
        { event: '#handshake', data: {}, cid: 2 },
      ]);
      expect((await raw.closed).code).toBe(4009);
    }),
  );
});

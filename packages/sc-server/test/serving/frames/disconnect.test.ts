import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('the frame #disconnect of an early client', () => {
  it.each([
    [1000, 1000],
    [4100, 4100],
    [1006, 1000],
    [1005, 1000],
    [2000, 1000],
    [99_999, 1000],
    ['text', 1000],
  ])('with code %j closes with %j', async (code, closed) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const gone = new Promise((resolve) => socket.on('disconnect', (...args) => resolve(args)));
      raw.emit('#disconnect', { code, data: 'bye' });
      raw.emit('#disconnect', { code, data: 'bye' });
      expect((await raw.closed).code).toBe(closed);
      expect(await gone).toEqual([closed, 'bye']);
    })();
  });
});

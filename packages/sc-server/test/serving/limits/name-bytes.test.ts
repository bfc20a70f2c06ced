import { describe, expect, it } from '@jest/globals';
import { resolveServerOptions } from '../../../src/server/options.js';
import { withServer } from '../support.js';

const frames: [string, (name: string) => [string, unknown?]][] = [
  ['an event', (name) => [name]],
  ['a publication', (name) => ['#publish', { channel: name, data: 1 }]],
  ['a subscription', (name) => ['#subscribe', ['short', { channel: name }]]],
  ['the end of one', (name) => ['#unsubscribe', name]],
];

describe('the name of a channel, event or procedure', () => {
  it.each(frames)('may have 255 bytes; one more is refused: %s', async (_what, make) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      // A character of two bytes among them.
      const longest = `é${'x'.repeat(253)}`;
      socket.on(longest, (_data, respond) => respond(null));
      expect((await raw.call(...make(longest))).error).toBeUndefined();
      expect(server.scServer.stats().limitHits.nameBytes).toBe(0);
      expect((await raw.call(...make(`x${longest}`))).error).toMatchObject({
        name: 'InvalidFrameError',
        code: 'SC_INVALID_FRAME',
      });
      expect(server.scServer.stats().limitHits.nameBytes).toBe(1);
      expect(socket.subscriptions().filter((channel) => channel.length > 254)).toEqual([]);
    })();
  });

  it.each(frames)('may have maxNameBytes; one more is refused: %s', async (_what, make) => {
    await withServer(
      async (server) => {
        const { raw, socket } = await server.connect();
        socket.on('éxxxxx', (_data, respond) => respond(null));
        expect((await raw.call(...make('éxxxxx'))).error).toBeUndefined();
        expect((await raw.call(...make('éxxxxxx'))).error).toMatchObject({
          name: 'InvalidFrameError',
          message: 'A name must be at most 7 bytes, got 8',
        });
        expect(server.scServer.stats().limitHits.nameBytes).toBe(1);
      },
      { maxNameBytes: 7 },
    )();
  });

  it(
    'that is too long in a frame that is no call closes with 4010',
    withServer(async (server) => {
      const { raw } = await server.connect();
      raw.emit('x'.repeat(256));
      expect((await raw.closed).code).toBe(4010);
      expect(server.scServer.stats().limitHits.nameBytes).toBe(1);
    }),
  );

  it.each([0, 256])('cannot be limited to %d bytes: the protocol has its own limit', (maxNameBytes) => {
    expect(() => resolveServerOptions({ maxNameBytes })).toThrow('`maxNameBytes` must be a whole number from 1 to 255');
  });
});

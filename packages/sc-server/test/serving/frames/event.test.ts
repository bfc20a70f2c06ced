import { describe, expect, it } from '@jest/globals';
import { withServer } from '../support.js';

describe('an event of the client', () => {
  it(
    'reaches its handlers in order, once listeners once',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      const second = (data: unknown) => void seen.push(['second', data]);
      socket.once('note', (data) => void seen.push(['once', data]));
      socket.on('note', second);
      raw.emit('note', 1);
      await raw.call('#unsubscribe', 'x');
      socket.off('note', second);
      socket.on('note', (data) => void seen.push(['third', data]));
      raw.emit('note');
      await raw.call('#unsubscribe', 'x');
      expect(seen).toEqual([
        ['once', 1],
        ['second', 1],
        ['third', undefined],
      ]);
    }),
  );

  it.each(['disconnect', 'error', 'subscribe', 'message', 'raw', 'connect', 'authenticate', 'kickOut'])(
    'cannot be named %s',
    async (name) => {
      await withServer(async (server) => {
        const { raw, socket } = await server.connect();
        const seen: unknown[] = [];
        // The socket itself raises some of these names; nothing ever raises the others, which `on` refuses.
        if (['error', 'connect', 'kickOut'].includes(name))
          expect(() => socket.on(name, () => undefined)).toThrow(name);
        else if (name !== 'message') socket.on(name, () => void seen.push(name));
        expect((await raw.call(name, 1)).error).toMatchObject({
          name: 'InvalidFrameError',
          message: `"${name}" is reserved and cannot be emitted`,
        });
        expect(seen).toEqual([]);
        expect(server.scServer.clientsCount).toBe(1);
      })();
    },
  );

  it.each(['__proto__', 'constructor', 'toString', '#custom'])('may be named %s', async (name) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      expect((await raw.call(name, 1)).error?.name).toBe('NoHandlerError');
      socket.on(name, (data, respond) => respond(null, data));
      expect(await raw.call(name, 2)).toEqual({ rid: 3, data: 2 });
    })();
  });

  it.each([['numbers'], ['arrays'], ['objects']])('is raw data when its name is not text: %s', async (kind) => {
    await withServer(async (server) => {
      const { raw, socket } = await server.connect();
      const seen: unknown[] = [];
      socket.on('raw', (value) => void seen.push(value));
      const event = { numbers: 1, arrays: ['a'], objects: {} }[kind];
      raw.sendFrame({ event, data: 1 });
      await raw.call('#unsubscribe', 'x');
      expect(seen).toEqual([{ event, data: 1 }]);
    })();
  });
});

import { describe, expect, it } from '@jest/globals';
import { jsonCodec } from 'sc-protocol';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { withServer } from '../support.js';

describe('the nesting of data', () => {
  it(
    'may be 64 levels in a message; one more closes with 4010',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      socket.on('deep', (_data, respond) => respond(null, 'ok'));
      const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
      // The frame itself is a level of its own.
      raw.send(`{"event":"deep","cid":7,"data":${nested(64)}}`);
      await raw.next(({ rid }) => rid === 7);
      raw.send(`{"event":"deep","cid":8,"data":${nested(65)}}`);
      expect((await raw.closed).code).toBe(4010);
      expect(server.scServer.stats().limitHits.nesting).toBe(1);
    }),
  );

  it(
    'may be maxNestingDepth levels; one more closes with 4010, with every codec',
    withServer(
      async (server) => {
        for (const codec of [jsonCodec, msgpackCodec]) {
          const options = codec.subprotocol === undefined ? {} : { codec, protocols: [codec.subprotocol] };
          const { raw, socket } = await server.connect(options);
          socket.on('deep', (data, respond) => respond(null, data));
          expect(await raw.call('deep', [{ a: [] }])).toMatchObject({ data: [{ a: [] }] });
          raw.emit('deep', [{ a: [{}] }]);
          expect((await raw.closed).code).toBe(4010);
        }
        expect(server.scServer.stats().limitHits.nesting).toBe(2);
      },
      { maxNestingDepth: 3, codecs: [msgpackCodec] },
    ),
  );

  it(
    'of an answer that is deeper reaches the caller as an error',
    withServer(async (server) => {
      const { raw, socket } = await server.connect();
      let deep: unknown = 1;
      for (let i = 0; i < 20_000; i++) deep = [deep];
      socket.handle('deep', () => deep);
      expect((await raw.call('deep')).error).toMatchObject({
        name: 'HandlerError',
        message: 'The answer could not be encoded',
      });
    }),
  );
});

import { describe, expect, it } from '@jest/globals';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { publications, settled, withServer } from '../support.js';

/** Bytes of JSON, upside down. */
const mirrorCodec = {
  encode: (value: unknown) => Buffer.from(JSON.stringify(value)).reverse(),
  decode: (message: string | Uint8Array) =>
    typeof message === 'string' ? message : (JSON.parse(Buffer.from(message).reverse().toString()) as unknown),
};

describe('codecs', () => {
  it(
    'are chosen by WebSocket subprotocol; clients with different ones meet in a channel',
    withServer(
      async (server) => {
        const bytes = await server.connect({
          codec: msgpackCodec,
          protocols: ['unknown', msgpackCodec.subprotocol ?? ''],
        });
        const text = await server.connect();
        expect([bytes.raw.subprotocol, text.raw.subprotocol]).toEqual([msgpackCodec.subprotocol, '']);
        for (const { raw } of [bytes, text]) await raw.call('#subscribe', 'x');
        await text.raw.call('#publish', { channel: 'x', data: { from: 'text' } });
        await bytes.raw.call('#publish', { channel: 'x', data: new Uint8Array([1, 2]) });
        for (const { raw } of [bytes, text]) await settled(raw);
        expect(publications(bytes.raw).map(({ data }) => data)).toEqual([{ from: 'text' }, new Uint8Array([1, 2])]);
        expect(publications(text.raw).map(({ data }) => data)).toEqual([
          { from: 'text' },
          { base64: true, data: 'AQI=' },
        ]);
      },
      { codecs: [msgpackCodec] },
    ),
  );

  it(
    'can be added later, and need a subprotocol then',
    withServer(async ({ scServer, connect }) => {
      scServer.addCodec(msgpackCodec);
      const { raw } = await connect({ codec: msgpackCodec, protocols: [msgpackCodec.subprotocol ?? ''] });
      expect(raw.subprotocol).toBe(msgpackCodec.subprotocol);
      expect(() => scServer.addCodec(mirrorCodec)).toThrow('The codec must name a subprotocol');
      expect(() => scServer.setCodecEngine({} as never)).toThrow('A codec must have the functions encode and decode');
    }),
  );

  it(
    'replace JSON for sockets that come after setCodecEngine',
    withServer(async (server) => {
      const before = await server.connect();
      server.scServer.setCodecEngine(mirrorCodec);
      const after = await server.connect({ codec: mirrorCodec });
      for (const { socket } of [before, after]) socket.on('echo', (data, respond) => respond(null, data));
      expect((await before.raw.call('echo', 'a')).data).toBe('a');
      expect((await after.raw.call('echo', 'b')).data).toBe('b');
      for (const { raw } of [before, after]) await raw.call('#subscribe', 'x');
      await server.scServer.exchange.publish('x', { n: 1 });
      for (const { raw } of [before, after]) {
        await settled(raw);
        expect(publications(raw)).toEqual([{ channel: 'x', data: { n: 1 } }]);
      }
    }),
  );

  it(
    'are not asked about text when they make bytes',
    withServer(
      async ({ connect }) => {
        const { raw, socket } = await connect({ codec: mirrorCodec });
        const heard: unknown[] = [];
        socket.on('raw', (value) => heard.push(value));
        for (const text of ['999999999', 'hello', '{']) raw.send(text);
        await settled(raw);
        expect(heard).toEqual(['999999999', 'hello', '{']);
      },
      {
        codecEngine: {
          ...mirrorCodec,
          decode(message: string | Uint8Array) {
            if (typeof message === 'string') throw new Error('Asked about text');
            return mirrorCodec.decode(message);
          },
        },
      },
    ),
  );
});

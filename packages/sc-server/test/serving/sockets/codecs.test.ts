import { describe, expect, it } from '@jest/globals';
import { jsonCodec } from 'sc-protocol';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { waitFor } from 'sc-testkit';
import { publications, settled, withServer } from '../support.js';

/** Bytes of JSON, upside down. */
const mirrorCodec = {
  encode: (value: unknown) => Buffer.from(JSON.stringify(value)).reverse(),
  decode: (message: string | Uint8Array) =>
    typeof message === 'string' ? message : (JSON.parse(Buffer.from(message).reverse().toString()) as unknown),
};

/** A codec of MessagePack that makes room for whatever a message claims, as published ones do. */
const published = {
  encode: (value: unknown) => msgpackCodec.encode(value),
  decode(message: string | Uint8Array) {
    if (typeof message === 'string') return message;
    if (message[0] === 0xdd || message.length > 100) throw new Error('It was asked about a hostile message');
    return msgpackCodec.decode(message);
  },
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
        expect(publications(text.raw).map(({ data }) => data)).toEqual([{ from: 'text' }, new Uint8Array([1, 2])]);
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
    'that cannot encode a publication cost only their own subscribers it, and the log says so',
    withServer(async (server) => {
      const picky = {
        ...mirrorCodec,
        encode(value: unknown) {
          if (JSON.stringify(value).includes('unlucky')) throw new Error('Cannot encode that');
          return mirrorCodec.encode(value);
        },
      };
      server.scServer.setCodecEngine(picky);
      const bytes = await server.connect({ codec: picky });
      server.scServer.setCodecEngine(jsonCodec);
      const text = await server.connect();
      for (const { raw } of [bytes, text]) await raw.call('#subscribe', 'x');
      const watched: unknown[] = [];
      const channel = server.scServer.exchange.subscribe('x');
      channel.watch((data) => watched.push(data));
      await waitFor(() => channel.state === 'subscribed', { what: 'the subscription' });
      for (const data of [1, 'unlucky', 2]) await server.scServer.exchange.publish('x', data);
      for (const { raw } of [bytes, text]) await settled(raw);
      expect(publications(bytes.raw).map(({ data }) => data)).toEqual([1, 2]);
      expect(publications(text.raw).map(({ data }) => data)).toEqual([1, 'unlucky', 2]);
      expect(watched).toEqual([1, 'unlucky', 2]);
      expect(server.log.map(({ message }) => message)).toEqual([
        'A publication cannot be encoded for some of its subscribers',
      ]);
    }),
  );

  it(
    'from outside are not given what claims to hold more than it does, nor what is nested too deep',
    withServer(
      async (server) => {
        const deep = Buffer.concat([Buffer.alloc(100, 0x91), Buffer.from([0xc0])]);
        const claims = Buffer.concat([
          ...Array.from({ length: 60 }, () => Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])),
          Buffer.from([0xc0]),
        ]);
        for (const message of [deep, claims]) {
          const raw = await server.open({ codec: published });
          raw.send(message);
          expect((await raw.closed).code).toBe(4010);
        }
        const { raw, socket } = await server.connect({ codec: published });
        socket.handle('echo', (data) => data);
        expect((await raw.call('echo', { list: [1, 'two', null, new Uint8Array([3])] })).data).toMatchObject({
          list: [1, 'two', null, expect.anything() as unknown],
        });
      },
      { codecEngine: published },
    ),
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

import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from 'sc-client';
import { msgpackCodec } from 'sc-protocol/msgpack';
import type { Codec } from 'sc-protocol';
import { createCleanup, waitFor } from 'sc-testkit';
import { nextPublication, startAcceptance } from './support.js';

const minBin = createRequire(import.meta.url)('sc-codec-min-bin') as Codec;
const cleanup = createCleanup();
afterEach(() => cleanup.run());

const value = { text: 'ü ☃ 😀', numbers: [0, -1, 1.5, 2 ** 40], nested: { none: null, yes: true } };

describe.each([
  ['msgpack', msgpackCodec],
  ['min-bin', minBin],
])('the codec %s', (name, codec) => {
  describe.each([
    ['one process', { WORKERS: '0' }],
    ['two workers', { WORKERS: '2' }],
  ])('in %s', (_setup, env) => {
    it('carries calls, publications, tokens and errors as bytes', async () => {
      const server = await startAcceptance(cleanup, { ...env, CODEC: name });
      const protocols = codec.subprotocol === undefined ? [] : [codec.subprotocol];
      const socket = await server.open({ codec, protocols });
      await expect(socket.call('echo', value)).resolves.toMatchObject({ data: value });
      expect((await socket.call('reject', 'no')).error).toMatchObject({ message: 'Rejected: no' });
      await expect(socket.call('login', { username: 'ada' })).resolves.toMatchObject({ data: 'ok' });
      await socket.call('#subscribe', { channel: 'news' });
      await socket.call('#publish', { channel: 'news', data: value });
      await expect(nextPublication(socket, 'news')).resolves.toEqual(value);
      expect(socket.messages.filter((message) => message !== '' && typeof message === 'string')).toEqual([]);
    });

    it('serves sc-client', async () => {
      const server = await startAcceptance(cleanup, { ...env, CODEC: name });
      const socket = cleanup.add(connect({ url: server.webSocketUrl, codecEngine: codec }), (it) => it.disconnect());
      await expect(socket.invoke('echo', value)).resolves.toEqual(value);
      const received: unknown[] = [];
      const news = socket.subscribe('news').watch((data) => received.push(data));
      await waitFor(() => news.isSubscribed(), { what: 'the subscription' });
      await news.publish(value);
      await waitFor(() => received.length === 1, { what: 'the publication' });
      expect(received).toEqual([value]);
    });
  });
});

it('serves JSON and msgpack clients on one channel', async () => {
  const server = await startAcceptance(cleanup, { WORKERS: '2', CODEC: 'msgpack' });
  const packed = await server.open({ codec: msgpackCodec, protocols: [msgpackCodec.subprotocol ?? ''] });
  const plain = await server.open();
  expect([packed.subprotocol, plain.subprotocol]).toEqual([msgpackCodec.subprotocol, '']);
  for (const socket of [packed, plain]) await socket.call('#subscribe', { channel: 'both' });
  await packed.call('#publish', { channel: 'both', data: value });
  await plain.call('#publish', { channel: 'both', data: 'plain' });
  for (const socket of [packed, plain]) {
    await expect(nextPublication(socket, 'both')).resolves.toEqual(value);
    await expect(nextPublication(socket, 'both')).resolves.toBe('plain');
  }
});

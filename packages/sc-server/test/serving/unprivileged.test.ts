import { describe, expect, it } from '@jest/globals';
import { msgpackCodec } from 'sc-protocol/msgpack';
import { waitFor, type RawSocket } from 'sc-testkit';
import { authKey, publications, startServer, withCleanup, type TestServer } from './support.js';
import { claims, hs256, token } from './auth/keys.js';

/** Tries to get at `private/x` without a token that counts, and returns the socket that must know nothing. */
type Attempt = (server: TestServer) => Promise<RawSocket>;

const forged = 'forged';
const secret = 'secret';
const inX = { channel: 'private/x', data: forged };
const text = (value: unknown) => JSON.stringify(value);
const subscribe = (data: unknown, cid: number | undefined = 50) => ({ event: '#subscribe', data, cid });
const publish = (data: unknown, cid: number | undefined = 60) => ({ event: '#publish', data, cid });

/** A client that says one thing after its handshake. */
const saying =
  (say: (raw: RawSocket) => void): Attempt =>
  async (server) => {
    const { raw } = await server.connect();
    say(raw);
    return raw;
  };
const sending = (...frames: unknown[]): Attempt => saying((raw) => frames.forEach((frame) => raw.sendFrame(frame)));
const sendingBytes = (message: string | Uint8Array): Attempt => saying((raw) => raw.send(message));
/** The same in MessagePack. */
const packing = (...frames: unknown[]): Attempt => {
  const { subprotocol = '' } = msgpackCodec;
  return async (server) => {
    const { raw } = await server.connect({ codec: msgpackCodec, protocols: [subprotocol] });
    for (const frame of frames) raw.sendFrame(frame);
    return raw;
  };
};

const lookAlikes = [
  ' private/x',
  'private/x ',
  'PRIVATE/x',
  'private//x',
  './private/x',
  'private/../private/x',
  'private%2Fx',
  'private\\x',
  'private\u2215x',
  'private\uff0fx',
  '\uff50rivate/x',
  'priv\u0430te/x',
  'private/\u200bx',
  '\ufeffprivate/x',
  'private/x\u0000',
  'private/x\ud800',
];

const attempts: Readonly<Record<string, Attempt>> = {
  // To subscribe.
  'a name': sending(subscribe('private/x')),
  'an object': sending(subscribe({ channel: 'private/x' })),
  'a subscription without a call id': sending({ event: '#subscribe', data: 'private/x' }),
  'an array of names': sending(subscribe(['private/x'])),
  'an array of objects': sending(subscribe([{ channel: 'private/x' }, { channel: 'private/x', waitForAuth: false }])),
  'an array that begins with what is allowed': sending(subscribe(['public', { channel: 'private/x' }])),
  'an array within an array': sending(subscribe([['private/x']])),
  'an array as channel': sending(subscribe({ channel: ['private/x'] })),
  'an object as channel': sending(subscribe({ channel: { toString: 'private/x', name: 'private/x' } })),
  'a subscription that waits for a token': sending(subscribe({ channel: 'private/x', waitForAuth: true })),
  'a subscription with data that names a user': sending(
    subscribe({ channel: 'private/x', data: { username: 'alice', authToken: { username: 'alice' } } }),
  ),
  'a batch of frames': sending([subscribe('public'), subscribe('private/x', 51)]),
  'a batch that asks for its acks together': sending([
    subscribe({ channel: 'public', batch: true }),
    subscribe({ channel: 'private/x', batch: true }, 51),
  ]),
  'a batch within a batch': sending([[subscribe('private/x')]]),
  'a frame that names its channel twice': sendingBytes(
    '{"event":"#subscribe","cid":50,"data":{"channel":"public","channel":"private/x"}}',
  ),
  'a frame that names its event twice': sendingBytes('{"event":"n","event":"#subscribe","cid":50,"data":"private/x"}'),
  'a channel in __proto__': sendingBytes(
    '{"event":"#subscribe","cid":50,"data":{"__proto__":{"channel":"private/x"}}}',
  ),
  'a frame in __proto__': sendingBytes('{"__proto__":{"event":"#subscribe","cid":50,"data":"private/x"}}'),
  'a name in escapes': sendingBytes('{"event":"\\u0023subscribe","cid":50,"data":"\\u0070rivate\\u002fx"}'),
  'bytes instead of text': sendingBytes(Buffer.from(text(subscribe('private/x')))),
  'a name in MessagePack': packing(subscribe('private/x')),
  'an array in MessagePack': packing(subscribe(['public', { channel: 'private/x' }])),
  'a name as bytes in MessagePack': packing(subscribe({ channel: Buffer.from('private/x') })),
  'text to a server that agreed to MessagePack': async (server) => {
    const raw = await packing()(server);
    raw.send(text(subscribe('private/x')));
    return raw;
  },
  'other spellings of the frame': sending(
    ...['subscribe', '#Subscribe', '#subscribe ', ' #subscribe', '##subscribe', '#subscribe\u200b'].map((event) => ({
      event,
      data: 'private/x',
      cid: 50,
    })),
  ),
  'names that look like it': sending(...lookAlikes.map((name, index) => subscribe(name, 50 + index))),
  'all of them in one frame': sending(subscribe(lookAlikes.filter((name) => !name.includes('\u0000')))),
  'what only servers say': sending(
    { event: '#publish', data: inX },
    { event: '#setAuthToken', data: { token: hs256(claims(), authKey) }, cid: 50 },
    { event: '#kickOut', data: { channel: 'private/x' } },
    { rid: 50, data: { isAuthenticated: true } },
    { rid: 1 },
    subscribe('private/x', 51),
  ),
  'so many subscriptions that one may slip through': sending(
    Array.from({ length: 100 }, (_, index) => subscribe('private/x', 50 + index)),
  ),

  // To become somebody.
  'a second handshake': sending(
    { event: '#handshake', data: { authToken: token({ alg: 'none' }, claims(), () => '') }, cid: 50 },
    { event: '#handshake', data: { authToken: { username: 'alice' } }, cid: 51 },
    subscribe('private/x', 52),
    publish(inX),
  ),
  'tokens that do not count': sending(
    ...[{ username: 'alice' }, 'alice', null, hs256(claims(), 'another key of thirty-two bytes!!')].map(
      (data, index) => ({
        event: '#authenticate',
        data,
        cid: 50 + index,
      }),
    ),
    subscribe('private/x', 70),
    publish(inX),
  ),
  'a frame before the handshake': async (server) => {
    const raw = await server.open();
    raw.sendFrame([subscribe('private/x'), { event: '#handshake', data: {}, cid: 51 }, publish(inX)]);
    return raw;
  },
  'a handshake and the rest in one batch': async (server) => {
    const raw = await server.open();
    raw.sendFrame([{ event: '#handshake', data: {}, cid: 1 }, subscribe('private/x', 2), publish(inX, 3)]);
    return raw;
  },
  'a reconnect without the token that was there before': async (server) => {
    const authToken = await server.scServer.signAuthToken({ username: 'alice' });
    const before = await server.connect({ authToken });
    await before.raw.call('#subscribe', 'private/x');
    await before.raw.close();
    const { raw } = await server.connect();
    raw.sendFrame(subscribe([{ channel: 'private/x' }]));
    raw.sendFrame(publish(inX));
    return raw;
  },
  'giving the token up after it was of use': async (server) => {
    const { raw } = await server.connect({ authToken: await server.scServer.signAuthToken({ username: 'alice' }) });
    await raw.call('#subscribe', 'private/x');
    raw.emit('#removeAuthToken');
    raw.sendFrame(publish(inX));
    await raw.next(({ event }) => event === '#kickOut');
    return raw;
  },
  'another token after it was of use': async (server) => {
    const { raw } = await server.connect({ authToken: await server.scServer.signAuthToken({ username: 'alice' }) });
    await raw.call('#subscribe', 'private/x');
    await raw.call('#authenticate', await server.scServer.signAuthToken({ username: 'mallory' }));
    raw.sendFrame(publish(inX));
    await raw.next(({ event }) => event === '#kickOut');
    return raw;
  },

  // To publish.
  'a publication without a subscription': sending(publish(inX)),
  'a publication without a call id': sending({ event: '#publish', data: inX }),
  'publications in an array': sending(publish([inX]), publish([[inX]], 61)),
  'publications in a batch': sending([
    publish({ channel: 'public', data: 1 }),
    publish(inX, 61),
    { event: '#publish', data: inX },
  ]),
  'channels of odd types': sending(
    ...[['private/x'], { name: 'private/x' }, 7, null, true, undefined].map((channel, index) =>
      publish({ channel, data: forged }, 60 + index),
    ),
  ),
  'data of odd types': sending(
    ...[null, 7, 'private/x', true, [], undefined].map((data, index) => publish(data, 60 + index)),
  ),
  'a publication in a publication': sending(publish({ channel: 'public', data: { event: '#publish', data: inX } })),
  'a publication whose channel is named twice': sendingBytes(
    '{"event":"#publish","cid":60,"data":{"channel":"public","channel":"private/x","data":"forged"}}',
  ),
  'a publication as bytes': sendingBytes(Buffer.from(text(publish(inX)))),
  'a publication in MessagePack': packing(
    publish(inX),
    publish({ channel: Buffer.from('private/x'), data: forged }, 61),
  ),
  'a publication as an event': sending(
    ...['publish', 'message', '#message', 'private/x', '#Publish', '#publish '].map((event, index) => ({
      event,
      data: inX,
      cid: 60 + index,
    })),
  ),
  'publications to names that look like it': sending(
    ...lookAlikes.map((channel, index) => publish({ channel, data: forged }, 60 + index)),
  ),
  'the channels of the server itself': sending(
    subscribe('#sc.users'),
    publish({ channel: '#sc.users', data: { type: 'kickOut', user: 'alice', message: forged } }),
  ),
  'ending the subscriptions of others': sending({ event: '#unsubscribe', data: ['private/x'], cid: 50 }),
};

let lastCallId = 9_000;

/** Settles when the server has done what the socket asked for, or has closed it. */
async function done(raw: RawSocket): Promise<void> {
  const cid = ++lastCallId;
  let isClosed = false;
  void raw.closed.then(() => (isClosed = true));
  raw.sendFrame({ event: '#unsubscribe', data: 'nothing', cid });
  await waitFor(() => isClosed || raw.frames.some(({ rid }) => rid === cid), { what: 'an answer or the end' });
}

/** Only alice may subscribe and publish to `private/*`. */
function guard({ scServer }: TestServer): void {
  const check = (channel: string, username: unknown) => {
    if (channel.startsWith('private/') && username !== 'alice') throw new Error('Denied');
  };
  scServer.addMiddleware('subscribe', ({ socket, channel }) => check(channel, socket.authToken?.['username']));
  scServer.addMiddleware('publishIn', async ({ socket, channel }) => {
    await Promise.resolve();
    check(channel, socket.authToken?.['username']);
  });
}

describe.each([
  ['JSON', {}],
  ['protocol v1', { protocolVersion: 1 as const }],
])('a client without privileges does not get at private/*, speaking %s,', (_name, options) => {
  it.each(Object.entries(attempts))('by %s', async (_what, attempt) => {
    await withCleanup(async (cleanup) => {
      const server = await startServer(cleanup, { codecs: [msgpackCodec], ...options });
      guard(server);
      const alice = await server.connect({ authToken: await server.scServer.signAuthToken({ username: 'alice' }) });
      expect((await alice.raw.call('#subscribe', 'private/x')).error).toBeUndefined();
      const mallory = await attempt(server);
      await done(mallory);
      await server.scServer.exchange.publish('private/x', secret);
      await done(mallory);
      await done(alice.raw);
      // She received none of it, missed none of her own, and is still subscribed.
      expect(publications(alice.raw)).toEqual([{ channel: 'private/x', data: secret }]);
      expect(alice.socket.subscriptions()).toEqual(['private/x']);
      expect(publications(mallory).filter(({ data }) => data === secret)).toEqual([]);
      const others = Object.values(server.scServer.clients).filter(({ id }) => id !== alice.socket.id);
      for (const socket of others) {
        expect(socket.subscriptions().filter((name) => name.startsWith('private/'))).toEqual([]);
        expect(socket.authToken?.['username']).not.toBe('alice');
      }
      expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    })();
  });
});

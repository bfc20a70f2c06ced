import assert from 'node:assert/strict';
import { serverCase } from '../server-target.js';

export const handshakeCases = [
  serverCase(
    'answers the handshake with id, authentication state and ping timeout, under its call id',
    async (check) => {
      const socket = await check.open();
      socket.sendFrame({ event: '#handshake', data: { authToken: null }, cid: 17 });
      const { rid, data } = await socket.next((frame) => 'rid' in frame, { what: 'the answer to #handshake' });
      assert.equal(rid, 17);
      const { id, isAuthenticated, pingTimeout, authError } = data as Record<string, unknown>;
      assert.equal(typeof id, 'string');
      assert.equal(isAuthenticated, false);
      assert.ok(typeof pingTimeout === 'number' && pingTimeout > 0);
      assert.equal(authError, undefined);
    },
  ),

  serverCase('says nothing before the handshake', async (check) => {
    const socket = await check.open();
    await socket.handshake();
    assert.deepEqual(Object.keys(socket.frames[0] ?? {}).sort(), ['data', 'rid']);
  }),

  serverCase('gives every socket an id of its own, long enough not to be guessed', async (check) => {
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) ids.add((await (await check.open()).handshake()).id);
    assert.equal(ids.size, 5);
    for (const id of ids) assert.ok(id.length >= 20, `${id} has at least 20 characters`);
  }),

  serverCase('ignores fields that it does not know, in the handshake and elsewhere', async (check) => {
    const socket = await check.open();
    const data = { authToken: null, colour: 'blue', features: ['no such feature'], nested: { a: [1] } };
    socket.sendFrame({ event: '#handshake', data, cid: 1, extra: true });
    await socket.next((frame) => frame['rid'] === 1, { what: 'the answer to #handshake' });
    socket.sendFrame({ event: '#subscribe', data: { channel: check.channel(), extra: 1 }, cid: 2, extra: {} });
    const response = await socket.next((frame) => frame['rid'] === 2, { what: 'the ack' });
    assert.equal(response['error'], undefined);
  }),

  serverCase('names features only to a client that announced some, and only those of both', async (check) => {
    const early = await (await check.open()).handshake();
    assert.equal(early.features, undefined);
    const socket = await check.open();
    const client = { name: 'conformance', version: '1.0.0' };
    const data = { authToken: null, client, features: ['batch', 'no such feature'] };
    const { data: status } = await socket.call('#handshake', data);
    const { features } = status as { features?: string[] };
    assert.ok(Array.isArray(features) && !features.includes('no such feature'));
  }),

  serverCase('opens the socket of a client whose token is not valid, and says why', async (check) => {
    for (const authToken of ['not a token', 'eyJhbGciOiJub25lIn0.e30.', 7, {}, ['a'], true]) {
      const socket = await check.open();
      const { error, data } = await socket.call('#handshake', { authToken });
      assert.equal(error, undefined);
      const { isAuthenticated, authError } = data as { isAuthenticated: boolean; authError: Record<string, unknown> };
      assert.equal(isAuthenticated, false);
      assert.match(String(authError['name']), /^AuthToken\w*Error$/);
      assert.equal(typeof authError['message'], 'string');
      assert.equal(authError['stack'], undefined);
    }
  }),

  serverCase('closes with 4009 when the first frame is no handshake', async (check) => {
    for (const frame of [
      { event: 'x', cid: 1 },
      { event: '#subscribe', data: { channel: 'a' }, cid: 1 },
      { rid: 1 },
      {},
    ]) {
      const socket = await check.open();
      socket.sendFrame(frame);
      assert.equal((await socket.closed).code, 4009, JSON.stringify(frame));
    }
  }),

  serverCase('refuses a handshake that cannot be answered', async (check) => {
    for (const cid of [undefined, '1', -1, 1.5]) {
      const socket = await check.open();
      socket.sendFrame({ event: '#handshake', data: { authToken: null }, cid });
      const { code } = await socket.closed;
      assert.ok([4008, 4010].includes(code), `closed with ${code}`);
    }
  }),

  serverCase('refuses a second handshake and keeps the socket', async (check) => {
    const socket = await check.connect();
    const { error } = await socket.call('#handshake', { authToken: null });
    assert.equal(typeof error?.message, 'string');
    assert.equal((await socket.call('#subscribe', { channel: check.channel() })).error, undefined);
  }),
];

import assert from 'node:assert/strict';
import { serverCase } from '../server-target.js';

export const applicationCases = [
  serverCase('answers calls with what the handler gives', async (check) => {
    const socket = await check.connect();
    for (const data of ['héllo ☃ 😀', 0, false, null, { a: [1, { b: 2 }] }])
      assert.deepEqual((await socket.call('echo', data)).data, data);
  }),

  serverCase('answers with the error of a handler, never with a stack', async (check) => {
    const socket = await check.connect();
    const { error, data } = await socket.call('reject', 'no way');
    assert.equal(error?.message, 'Rejected: no way');
    assert.equal(error.name, 'Error');
    assert.equal(data, undefined);
    for (const event of ['throw', 'rejectAsync']) {
      const failure = (await socket.call(event)).error;
      assert.equal(typeof failure?.message, 'string');
      assert.doesNotMatch(JSON.stringify(failure), /\.js:\d|node_modules|"stack"/);
    }
  }),

  serverCase('answers a procedure that nobody handles with an error', async (check) => {
    const socket = await check.connect();
    const { error } = await socket.call('no such procedure');
    assert.equal(error?.['code'], 'SC_NO_HANDLER');
  }),

  serverCase('does not answer an event without a call id', async (check) => {
    const socket = await check.connect();
    socket.emit('note', 'x');
    const { data } = await socket.next(({ event }) => event === 'noted', { what: 'the event' });
    assert.equal(data, 'x');
    await socket.call('echo', 1);
    assert.equal(socket.frames.filter((frame) => 'rid' in frame).length, 2);
  }),

  serverCase('calls the client and passes its answer on', async (check) => {
    const socket = await check.connect();
    socket.sendFrame({ event: 'ask', data: 'why', cid: 900 });
    const { data, cid } = await socket.next(({ event }) => event === 'question', { what: 'the call' });
    assert.equal(data, 'why');
    assert.ok(Number.isInteger(cid), 'the call has a whole number for its id');
    socket.sendFrame({ rid: cid, data: 42 });
    assert.equal((await socket.next(({ rid }) => rid === 900, { what: 'the answer' }))['data'], 42);
  }),

  serverCase('sets a token that opens the next socket, and takes it away', async (check) => {
    const socket = await check.connect();
    socket.sendFrame({ event: 'login', data: { username: 'ada' }, cid: 901 });
    const { data, cid } = await socket.next(({ event }) => event === '#setAuthToken', { what: 'the token' });
    if (cid !== undefined) socket.sendFrame({ rid: cid });
    const { token } = data as { token: string };
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    await socket.next(({ rid }) => rid === 901, { what: 'the ack of the login' });
    assert.equal((await socket.call('whoami')).data, 'ada');

    const next = await check.open();
    assert.equal((await next.handshake(token)).isAuthenticated, true);
    assert.equal((await next.call('whoami')).data, 'ada');
    next.sendFrame({ event: '#removeAuthToken' });
    assert.equal((await next.call('whoami')).data, null);

    const late = await check.connect();
    assert.deepEqual((await late.call('#authenticate', token)).data, { isAuthenticated: true, authError: null });
    assert.equal((await late.call('whoami')).data, 'ada');
    late.sendFrame({ event: 'logout', cid: 902 });
    await late.next(({ event }) => event === '#removeAuthToken', { what: 'the end of the token' });
  }),

  serverCase('takes the token away, and says why, when another one is not valid', async (check) => {
    const socket = await check.connect();
    socket.sendFrame({ event: '#authenticate', data: 'not a token', cid: 903 });
    await socket.next(({ event }) => event === '#removeAuthToken', { what: '#removeAuthToken' });
    const { error, data } = await socket.next(({ rid }) => rid === 903, { what: 'the answer' });
    assert.match((error as { name: string }).name, /^AuthToken\w*Error$/);
    assert.equal((data as { isAuthenticated: boolean }).isAuthenticated, false);
  }),

  serverCase('refuses subscriptions and publishes by middleware, each channel of a list on its own', async (check) => {
    const socket = await check.connect();
    assert.equal((await socket.call('#subscribe', 'denied/a')).error?.message, 'Denied: denied/a');
    const allowed = check.channel();
    assert.equal((await socket.call('#subscribe', [allowed, 'denied/b'])).error?.message, 'Denied: denied/b');
    assert.equal(
      (await socket.call('#publish', { channel: 'readonly/a', data: 1 })).error?.message,
      'Denied: readonly/a',
    );
  }),

  serverCase('kicks out, and delivers nothing afterwards', async (check) => {
    const socket = await check.connect();
    const channel = check.channel();
    await socket.call('#subscribe', { channel });
    socket.emit('kick', { channel, message: 'Enough' });
    const { data } = await socket.next(({ event }) => event === '#kickOut', { what: '#kickOut' });
    assert.deepEqual(data, { channel, message: 'Enough' });
    await socket.call('broadcast', { channel, data: 1 });
    await socket.call('echo', 1);
    assert.equal(
      socket.frames.some(({ event }) => event === '#publish'),
      false,
    );
  }),

  serverCase('closes with the code and reason that the application gives', async (check) => {
    for (const code of [1000, 4321, 4500]) {
      const socket = await check.connect();
      socket.emit('bye', { code, reason: 'because' });
      assert.deepEqual(await socket.closed, { code, reason: 'because' });
    }
  }),

  serverCase('closes when a client of protocol v1 says that it goes', async (check) => {
    const socket = await check.connect();
    socket.sendFrame({ event: '#disconnect', data: { code: 4321, data: 'bye' } });
    assert.equal((await socket.closed).code, 4321);
  }),
];

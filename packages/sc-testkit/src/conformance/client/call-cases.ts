import assert from 'node:assert/strict';
import { waitFor } from '../../wait-for.js';
import { clientCase } from '../client-target.js';

export const clientCallCases = [
  clientCase('gives each call an id of its own and takes answers in any order', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const answers = Promise.all([client.invoke('a', 1), client.invoke('b', null), client.invoke('c')]);
    const [a, b, c] = [await socket.event('a'), await socket.event('b'), await socket.event('c')];
    assert.equal(new Set([a['cid'], b['cid'], c['cid']]).size, 3);
    assert.deepEqual([a['data'], b['data'], 'data' in c], [1, null, false]);
    for (const frame of [c, a, b]) socket.sendFrame({ rid: frame['cid'], data: frame['event'], later: 1 });
    assert.deepEqual(await answers, ['a', 'b', 'c']);
  }),

  clientCase('rejects with the error of the answer and its properties', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const wire = { name: 'MyError', message: 'No', code: 'MY_CODE', limit: 3 };
    const refused = client.invoke('a').then(
      () => undefined,
      (error: unknown) => error as Record<string, unknown>,
    );
    await socket.answer('a', { error: wire });
    const error = await refused;
    const { name, message, code, limit } = error ?? {};
    assert.deepEqual({ name, message, code, limit }, wire);
  }),

  clientCase('takes nulls for absent in an answer, and text for an error', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    const done = client.invoke('a');
    await socket.answer('a', { error: null, data: null });
    assert.equal((await done) ?? null, null);
    const refused = client.invoke('b').catch((error: unknown) => error);
    await socket.answer('b', { error: 'Denied' });
    assert.match(String(await refused), /Denied/);
  }),

  clientCase('sends no call id with an event that wants no answer', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    client.emit('note', { a: 1 });
    const frame = await socket.event('note');
    assert.deepEqual(frame, { event: 'note', data: { a: 1 } });
  }),

  clientCase('answers calls of the server with data or an error, never with a stack', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    client.handle('good', (data) => ({ got: data }));
    client.handle('bad', () => {
      throw new Error('Not now');
    });
    await socket.acceptHandshake();
    socket.sendFrame({ event: 'good', data: 7, cid: 1 });
    assert.deepEqual((await socket.next(({ rid }) => rid === 1, 'the answer'))['data'], { got: 7 });
    socket.sendFrame({ event: 'bad', cid: 2 });
    const { error } = await socket.next(({ rid }) => rid === 2, 'the error');
    assert.equal((error as { message: string }).message, 'Not now');
    assert.doesNotMatch(JSON.stringify(error), /\.[jt]s:\d|"stack"/);
  }),

  clientCase('takes several frames in an array, in their order', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    const heard: unknown[] = [];
    client.listen('e', (data) => heard.push(data));
    await socket.acceptHandshake();
    socket.sendFrame([1, 2, 3].map((data) => ({ event: 'e', data })));
    await waitFor(() => heard.length === 3, { what: 'three events' });
    assert.deepEqual(heard, [1, 2, 3]);
  }),
];

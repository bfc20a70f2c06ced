import assert from 'node:assert/strict';
import { waitFor } from '../../wait-for.js';
import { clientCase } from '../client-target.js';

const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkYSIsImV4cCI6NDEwMjQ0NDgwMH0.c2lnbmF0dXJl';

export const clientConnectionCases = [
  clientCase('says #handshake first, as a call, and nothing else until it is answered', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    client.emit('early', 1);
    const { cid, data } = await socket.event('#handshake');
    assert.ok(Number.isInteger(cid), 'cid is a whole number');
    assert.equal((data as { authToken: unknown }).authToken, null);
    assert.equal(socket.messages.length, 1);
    socket.sendFrame({ rid: cid, data: { id: 'x', isAuthenticated: false, pingTimeout: 20_000, later: { a: 1 } } });
    await socket.event('early');
  }),

  clientCase('answers every ping with its pong', async ({ server, start }) => {
    start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    for (let pongs = 1; pongs <= 3; pongs++) {
      socket.send('');
      await waitFor(() => socket.messages.filter((message) => message === '').length === pongs, { what: 'the pong' });
    }
  }),

  clientCase('gives a server up that does not ping, with 4000, and comes back', async ({ server, start }) => {
    start();
    const socket = await server.socket();
    await socket.acceptHandshake({ pingTimeout: 300 });
    await waitFor(() => socket.closeCode, { what: 'the close' });
    assert.equal(socket.closeCode, 4000);
    await (await server.socket()).acceptHandshake();
  }),

  clientCase('survives frames, text and bytes that it does not know', async ({ server, start }) => {
    const client = start();
    const socket = await server.socket();
    await socket.acceptHandshake();
    for (const text of ['hello', '#1', '1', '17', 'null', '[]', '{}', '{"event":"#new","data":1}', '{"rid":999}'])
      socket.send(text);
    for (const frame of [
      { event: '#publish', data: { channel: 'nobody subscribed', data: 1 } },
      { event: '#kickOut', data: { channel: 'nobody subscribed', message: 'x' } },
      { event: 'nobody listens', data: 1, later: true },
      { rid: 999, error: { message: 'x' } },
    ])
      socket.sendFrame(frame);
    const answer = client.invoke('still here');
    await socket.answer('still here', { data: 'yes' });
    assert.equal(await answer, 'yes');
    assert.equal(socket.closeCode, undefined);
  }),

  clientCase(
    'comes back after 4001, after no goodbye, and after a code that it does not know',
    async ({ server, start }) => {
      start();
      for (const end of [4001, undefined, 4321, 1001]) {
        const socket = await server.socket();
        await socket.acceptHandshake();
        if (end === undefined) socket.terminate();
        else socket.close(end);
      }
      await (await server.socket()).acceptHandshake();
    },
  ),

  clientCase('stays away after 1000 and from 4500 on', async ({ server, start }) => {
    for (const code of [1000, 4500, 4999]) {
      const before = server.count;
      start();
      const socket = await server.socket();
      await socket.acceptHandshake();
      socket.close(code);
      await waitFor(() => socket.closeCode, { what: 'the close' });
      // A reconnecting client does so within its reconnect delay; further clients take longer to start.
      for (let other = 1; other <= 3; other++) {
        start();
        await (await server.socket()).acceptHandshake();
      }
      assert.equal(server.count, before + 4);
    }
  }),

  clientCase('keeps a token, shows it in the next handshake, and forgets it when told', async ({ server, start }) => {
    start();
    const first = await server.socket();
    await first.acceptHandshake();
    first.sendFrame({ event: '#setAuthToken', data: { token }, cid: 41 });
    const { error } = await first.next(({ rid }) => rid === 41, 'the ack of the token');
    assert.equal(error ?? null, null);
    first.terminate();

    const second = await server.socket();
    const { data } = await second.acceptHandshake({ isAuthenticated: true });
    assert.equal((data as { authToken: unknown }).authToken, token);
    second.sendFrame({ event: '#removeAuthToken', cid: 42 });
    await second.next(({ rid }) => rid === 42, 'the ack of the removal');
    second.terminate();

    const third = await server.socket();
    const { data: last } = await third.acceptHandshake();
    assert.equal((last as { authToken: unknown }).authToken, null);
  }),

  clientCase('tries again when the handshake is refused', async ({ server, start }) => {
    start();
    const socket = await server.socket();
    await socket.answer('#handshake', { error: { name: 'Error', message: 'Not now' } });
    await (await server.socket()).acceptHandshake();
  }),
];

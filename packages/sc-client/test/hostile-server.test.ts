import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { atOnce, clients, heard, until } from './support/clients.js';

const use = clients();

describe('a hostile server', () => {
  it('that sends what cannot be decoded is left, with an error, and not hammered', async () => {
    const { socket, peer } = await use.pair();
    const error = heard(socket, 'error');
    const lost = heard(socket, 'disconnect');
    peer.webSocket.send('{"event":');
    expect((await error)[0]).toMatchObject({ name: 'InvalidFrameError' });
    expect((await lost)[0]).toBe(4010);
    expect((await peer.closed).code).toBe(4010);
    expect(socket.state).toBe('closed');
  });

  it.each([
    ['deep nesting', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a batch of very many', `[${Array.from({ length: 5000 }, () => '{}').join(',')}]`],
  ])('that sends %s is left', async (_what, text) => {
    const { socket, peer } = await use.pair();
    const error = heard(socket, 'error');
    const lost = heard(socket, 'close');
    peer.webSocket.send(text);
    expect((await error)[0]).toBeInstanceOf(Error);
    expect((await lost)[0]).toBe(4010);
  });

  it('that breaks one frame is told off, and heard again', async () => {
    const { socket, peer } = await use.pair();
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    peer.send({ event: '#publish', data: { channel: 5 } });
    peer.send({ event: '#setAuthToken', data: null });
    peer.send({ event: '#kickOut' });
    const answer = socket.invoke('fine');
    peer.send({ rid: (await peer.nextFrame()).cid, data: 'ok' });
    expect(await answer).toBe('ok');
    expect(errors).toHaveLength(3);
  });

  it('that sends more than the limit is left', async () => {
    const { socket, peer } = await use.pair({ wsOptions: { maxPayload: 1000 }, autoReconnect: false });
    const lost = heard(socket, 'disconnect');
    peer.webSocket.send(JSON.stringify({ event: 'big', data: 'x'.repeat(2000) }));
    expect([1006, 1009]).toContain((await lost)[0]);
  });

  it.each([[0], [-1], [1e300], ['soon'], [null], [1]])(
    'that wants a ping timeout of %j is not obeyed',
    async (pingTimeout) => {
      const { socket, peer } = await use.pair({}, { pingTimeout });
      const answer = socket.invoke('still here');
      peer.send({ rid: (await peer.nextFrame()).cid, data: 'yes' });
      expect(await answer).toBe('yes');
    },
  );

  it.each([[null], [5], [[]], [{}], [{ id: 7 }]])('that answers the handshake with %j is left', async (data) => {
    const server = await use.server();
    const socket = use.connect(server, { autoReconnect: false });
    const aborted = heard(socket, 'connectAbort');
    const peer = await server.nextPeer();
    peer.send({ rid: (await peer.nextFrame()).cid, data });
    expect((await aborted)[0]).toBe(4003);
  });

  it('that closes every new connection is not hammered', async () => {
    const server = await use.server();
    const socket = use.connect(server);
    for (let round = 0; round < 2; round++) {
      const peer = await server.nextOpen();
      await heard(socket, 'connect');
      peer.webSocket.close(4001);
      await heard(socket, 'close');
    }
    // The first was followed at once; the second waits, as every one after it will.
    await new Promise((resolve) => setImmediate(resolve));
    expect([socket.state, server.peers.length]).toStrictEqual(['closed', 2]);
  });

  it('that says whatever it likes makes no call end twice, nor the client throw', async () => {
    const server = await use.server();
    const name = fc.constantFrom(
      '#publish',
      '#kickOut',
      '#setAuthToken',
      '#removeAuthToken',
      'x',
      '__proto__',
      'error',
    );
    const id = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(2 ** 53), fc.constant('2'), fc.constant(null));
    const data = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({ channel: fc.constantFrom('news', '__proto__', '', 5), data: fc.jsonValue({ maxDepth: 1 }) }),
    );
    const frame = fc.oneof(
      fc.record({ event: name, data, cid: id }, { requiredKeys: ['event'] }),
      fc.record({ rid: id, data, error: data }, { requiredKeys: ['rid'] }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 20 }), async (frames) => {
        const socket = use.connect(server, { ...atOnce, ackTimeout: 5000 });
        socket.on('error', () => {});
        const peer = await server.nextOpen();
        await until(() => socket.state === 'open', 'the socket is open');
        const ends = [0, 0, 0];
        socket.subscribe('news');
        for (const call of ends.keys()) socket.emit('call', call, () => (ends[call] = (ends[call] ?? 0) + 1));
        for (const one of frames) peer.send(JSON.stringify(one));
        await new Promise((resolve) => setImmediate(resolve));
        socket.destroy();
        await until(() => ends.every((count) => count > 0), 'every call ended');
        expect(ends).toStrictEqual([1, 1, 1]);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

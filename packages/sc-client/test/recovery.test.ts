import { afterEach, describe, expect, it } from '@jest/globals';
import { createCleanup, waitFor } from 'sc-testkit';
import { type SCSocket, connect } from '../src/node/index.js';
import { type Frame, type RawPeer, type RawServer, startRawServer } from './support/raw-server.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const features = ['batch', 'position', 'dedupe', 'presence'];

interface Pair {
  readonly server: RawServer;
  readonly socket: SCSocket;
  readonly peer: RawPeer;
}

async function open(options: Parameters<typeof connect>[0] = {}, status: object = { features }): Promise<Pair> {
  const server = await startRawServer();
  cleanup.add(server, () => server.close());
  const autoReconnectOptions = { initialDelay: 1, randomness: 1 };
  const socket = connect({ hostname: '127.0.0.1', port: server.port, autoReconnectOptions, ...options });
  cleanup.add(socket, () => socket.destroy());
  socket.on('error', () => {});
  return { server, socket, peer: await server.nextOpen({ ...status }) };
}

/** Takes the next `#subscribe` and acks it with this. */
async function ack(peer: RawPeer, data?: object): Promise<unknown> {
  const frame = await peer.nextFrame();
  expect(frame.event).toBe('#subscribe');
  peer.send({ rid: frame.cid, data });
  return frame.data;
}

const publication = (offset: number, more: object = {}): object => ({
  event: '#publish',
  data: { channel: 'room', offset, data: offset, ...more },
});

/** Everything that a subscriber of "room" sees, in order. */
function watched(socket: SCSocket): unknown[] {
  const seen: unknown[] = [];
  const room = socket.channel('room');
  room.on('subscribe', (_name, { recovered, reason }) =>
    seen.push(recovered ?? 'subscribed', ...(reason ? [reason] : [])),
  );
  room.watch((data, { isPast }) => seen.push(isPast ? `past ${String(data)}` : data));
  room.subscribe();
  return seen;
}

describe('a client of a server that knows positions', () => {
  it('announces what it can do, and names itself as a publisher that nobody can guess', async () => {
    const { server, socket, peer } = await open();
    const { data } = peer.handshake as Frame & { data: { features: string[]; publisher: string } };
    expect(data.features).toEqual(features);
    expect(data.publisher).toMatch(/^[A-Za-z0-9+/]{22}$/);
    const other = connect({ hostname: '127.0.0.1', port: server.port });
    cleanup.add(other, () => other.destroy());
    const otherPeer = await server.nextOpen();
    expect((otherPeer.handshake?.data as { publisher: string }).publisher).not.toBe(data.publisher);
    socket.reconnect();
    const next = await server.nextOpen({ features });
    expect((next.handshake?.data as { publisher: string }).publisher).toBe(data.publisher);
  });

  it('comes back with its position and gets exactly what it missed', async () => {
    const { server, socket, peer } = await open();
    const seen = watched(socket);
    expect(await ack(peer, { epoch: 's.1', offset: 4 })).toEqual({ channel: 'room' });
    peer.send(publication(5));
    await waitFor(() => seen.length === 2, { what: 'the client to follow' });
    peer.cut();
    const next = await server.nextOpen({ features });
    const asked = await ack(next, { epoch: 's.1', offset: 7, recovered: true, missed: 2 });
    expect(asked).toEqual({ channel: 'room', since: { epoch: 's.1', offset: 5 } });
    next.send([publication(6), publication(7), publication(8)]);
    await waitFor(() => seen.length === 6, { what: 'the client to follow' });
    expect(seen).toEqual(['subscribed', 5, true, 'past 6', 'past 7', 8]);
  });

  it('goes on from its place when the connection is lost in the middle of what it missed', async () => {
    const { server, socket, peer } = await open();
    const seen = watched(socket);
    await ack(peer, { epoch: 's.1', offset: 4 });
    peer.cut();
    const second = await server.nextOpen({ features });
    await ack(second, { epoch: 's.2', offset: 7, recovered: true, missed: 3 });
    second.send(publication(5));
    await waitFor(() => seen.length === 3, { what: 'the client to follow' });
    second.cut();
    const third = await server.nextOpen({ features });
    const asked = await ack(third, { epoch: 's.2', offset: 7, recovered: true, missed: 2 });
    expect(asked).toEqual({ channel: 'room', since: { epoch: 's.2', offset: 5 } });
    third.send([publication(6), publication(7)]);
    await waitFor(() => seen.length === 6, { what: 'the client to follow' });
    expect(seen).toEqual(['subscribed', true, 'past 5', true, 'past 6', 'past 7']);
  });

  it('asks for a rewind again as long as nothing of it has come', async () => {
    const { server, socket, peer } = await open();
    socket.channel('room').subscribe({ rewind: 20 });
    expect(await ack(peer, { epoch: 's.1', offset: 50, missed: 20 })).toEqual({ channel: 'room', rewind: 20 });
    await waitFor(() => socket.isSubscribed('room'), { what: 'the client to follow' });
    peer.cut();
    const next = await server.nextOpen({ features });
    expect(await ack(next, { epoch: 's.1', offset: 51, missed: 2 })).toEqual({ channel: 'room', rewind: 20 });
    next.send([publication(50), publication(51)]);
    await waitFor(() => socket.channel('room').position?.offset === 51, { what: 'the client to follow' });
  });

  it('asks once for publications that are missing in the middle, and takes none before they come', async () => {
    const { socket, peer } = await open();
    const seen = watched(socket);
    await ack(peer, { epoch: 's.1', offset: 0 });
    peer.send([publication(1), publication(3), publication(4)]);
    const asked = await ack(peer, { epoch: 's.1', offset: 4, recovered: true, missed: 3 });
    expect(asked).toEqual({ channel: 'room', since: { epoch: 's.1', offset: 1 } });
    peer.send([publication(2), publication(3), publication(4), publication(5)]);
    await waitFor(() => seen.length === 7, { what: 'the client to follow' });
    expect(seen).toEqual(['subscribed', 1, true, 'past 2', 'past 3', 'past 4', 5]);
    expect(peer.waiting).toEqual([]);
  });

  it('asks at most once a second when publications go on missing', async () => {
    const { socket, peer } = await open();
    watched(socket);
    await ack(peer, { epoch: 's.1', offset: 0 });
    peer.send(publication(2));
    await ack(peer, { epoch: 's.1', offset: 0, recovered: true });
    const askedAt = performance.now();
    peer.send([publication(3), publication(4)]);
    await ack(peer, { epoch: 's.1', offset: 4, recovered: false, reason: 'trimmed' });
    expect(performance.now() - askedAt).toBeGreaterThan(800);
    await waitFor(() => socket.channel('room').position?.offset === 4, { what: 'the client to follow' });
  });

  it('says that the subscription has ended when the server refuses to bring it up again', async () => {
    const { socket, peer } = await open();
    const seen = watched(socket);
    socket.channel('room').on('unsubscribe', () => seen.push('unsubscribed'));
    socket.on('subscribeFail', () => seen.push('failed'));
    await ack(peer, { epoch: 's.1', offset: 0 });
    peer.send(publication(2));
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, error: { name: 'MiddlewareBlockedError', message: 'Out', code: 'SC_BLOCKED' } });
    await waitFor(() => seen.includes('failed'), { what: 'the client to follow' });
    expect(seen).toEqual(['subscribed', 'unsubscribed', 'failed']);
    expect(socket.channel('room').state).toBe('unsubscribed');
    expect(await peer.nextFrame()).toEqual({ event: '#unsubscribe', data: 'room' });
  });

  it('ends a subscription at both ends when a kick-out crosses the request for what it has missed', async () => {
    const { socket, peer } = await open();
    const seen = watched(socket);
    socket.on('kickOut', (message) => seen.push(message));
    await ack(peer, { epoch: 's.1', offset: 0 });
    peer.send([publication(2), { event: '#kickOut', data: { channel: 'room', message: 'Out' } }]);
    // A server that is kicking it out takes the request for a new one.
    await ack(peer, { epoch: 's.1', offset: 2, recovered: true, missed: 2 });
    expect(await peer.nextFrame()).toEqual({ event: '#unsubscribe', data: 'room' });
    expect([seen, socket.subscriptions(true)]).toEqual([['subscribed', 'Out'], []]);
  });

  it('asks again when the server cannot bring it up for a reason that passes', async () => {
    const { socket, peer } = await open();
    watched(socket);
    await ack(peer, { epoch: 's.1', offset: 0 });
    peer.send(publication(2));
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, error: { name: 'StoreUnavailableError', message: 'Away', code: 'SC_STORE_UNAVAILABLE' } });
    expect(await peer.nextFrame()).toEqual({ event: '#unsubscribe', data: 'room' });
    const asked = await ack(peer, { epoch: 's.1', offset: 2, recovered: true, missed: 2 });
    expect(asked).toEqual({ channel: 'room', since: { epoch: 's.1', offset: 0 } });
  });

  it('says what was lost when the server moves it', async () => {
    const { socket, peer } = await open();
    const seen = watched(socket);
    await ack(peer, { epoch: 's.1', offset: 9 });
    peer.send({ event: '#position', data: { channel: 'room', epoch: 's.1', offset: 10 } });
    peer.send(publication(11));
    peer.send({ event: '#position', data: { channel: 'room', epoch: 't.1', offset: 3, reason: 'epoch' } });
    peer.send(publication(4));
    await waitFor(() => seen.length === 5, { what: 'the client to follow' });
    expect(seen).toEqual(['subscribed', 11, false, 'epoch', 4]);
    expect(socket.channel('room').position).toEqual({ epoch: 't.1', offset: 4 });
  });

  it('resolves a publish with what middleware answers, or else with the position of the publication', async () => {
    const { socket, peer } = await open();
    const room = socket.channel('room');
    const position = { epoch: 's.1', offset: 3 };
    const first = room.publish('a');
    peer.send({ rid: (await peer.nextFrame()).cid, position, duplicate: true });
    expect(await first).toEqual(position);
    const second = room.publish('b');
    peer.send({ rid: (await peer.nextFrame()).cid, position, data: 'from middleware' });
    expect(await second).toBe('from middleware');
    const third = room.publish('c');
    peer.send({ rid: (await peer.nextFrame()).cid });
    expect(await third).toBeUndefined();
  });

  it('keeps its position through the loss of its token', async () => {
    const { socket, peer } = await open({}, { features, isAuthenticated: false });
    watched(socket);
    await ack(peer, { epoch: 's.1', offset: 9 });
    await waitFor(() => socket.isSubscribed('room'), { what: 'the ack' });
    peer.send({ event: '#kickOut', data: { channel: 'room', message: 'No token', waitForAuth: true } });
    await waitFor(() => socket.channel('room').state === 'pending', { what: 'the client to follow' });
    expect(socket.channel('room').position).toEqual({ epoch: 's.1', offset: 9 });
  });

  it('reads the past', async () => {
    const { socket, peer } = await open();
    const page = socket.channel('room').history({ before: { epoch: 's.1', offset: 7 }, limit: 2 });
    const { event, data, cid } = await peer.nextFrame();
    expect([event, data]).toEqual(['#history', { channel: 'room', before: { epoch: 's.1', offset: 7 }, limit: 2 }]);
    const publications = [
      [5, 1000, 'e'],
      [6, 1001, { f: 1 }],
    ];
    peer.send({ rid: cid, data: { epoch: 's.1', top: 9, recovered: true, publications, hasMore: true } });
    expect(await page).toEqual({
      publications: [
        { offset: 5, at: 1000, data: 'e' },
        { offset: 6, at: 1001, data: { f: 1 } },
      ],
      position: { epoch: 's.1', offset: 9 },
      recovered: true,
      reason: undefined,
      hasMore: true,
    });
  });
});

describe('a publish', () => {
  it('is numbered per channel', async () => {
    const { socket, peer } = await open();
    for (const channel of ['a', 'b', 'a']) void socket.publish(channel, 1);
    const sent = [await peer.nextFrame(), await peer.nextFrame(), await peer.nextFrame()];
    expect(sent.map(({ data }) => data)).toEqual([
      { channel: 'a', seq: 1, data: 1 },
      { channel: 'b', seq: 1, data: 1 },
      { channel: 'a', seq: 2, data: 1 },
    ]);
  });

  it('outlives its connection, and goes again before anything new', async () => {
    const { server, socket, peer } = await open();
    const results = [socket.publish('room', 'one'), socket.publish('room', 'two')];
    const first = [await peer.nextFrame(), await peer.nextFrame()];
    socket.once('disconnect', () => void results.push(socket.publish('room', 'three')));
    peer.cut();
    const next = await server.nextOpen({ features });
    const second = [await next.nextFrame(), await next.nextFrame(), await next.nextFrame()];
    expect(second.slice(0, 2)).toEqual(first);
    expect(second.map(({ data }) => (data as { seq: number }).seq)).toEqual([1, 2, 3]);
    for (const { cid } of second) next.send({ rid: cid, data: `done ${cid}` });
    expect(await Promise.all(results)).toEqual(second.map(({ cid }) => `done ${cid}`));
  });

  it('goes again in order after two losses in a row', async () => {
    const { server, socket, peer } = await open();
    const one = socket.publish('room', 1);
    await peer.nextFrame();
    peer.cut();
    const second = await server.nextOpen({ features });
    const two = socket.publish('room', 2);
    await second.nextFrame();
    second.cut();
    const third = await server.nextOpen({ features });
    const again = [await third.nextFrame(), await third.nextFrame()];
    expect(again.map(({ data }) => (data as { seq: number }).seq)).toEqual([1, 2]);
    for (const { cid } of again) third.send({ rid: cid });
    await Promise.all([one, two]);
  });

  it('fails at its deadline, and says whether it may have happened', async () => {
    const { server, socket, peer } = await open({ ackTimeout: 300 });
    const sent = socket.publish('room', 1);
    await peer.nextFrame();
    await expect(sent).rejects.toMatchObject({ code: 'SC_TIMEOUT', isUnknown: true });
    socket.disconnect();
    const unsent = socket.publish('room', 2);
    await expect(unsent).rejects.toMatchObject({ code: 'SC_TIMEOUT', isUnknown: false });
    socket.connect();
    const next = await server.nextOpen({ features });
    void socket.publish('room', 3);
    expect((await next.nextFrame()).data).toEqual({ channel: 'room', seq: 3, data: 3 });
  });

  it('ends with the refusal of the server', async () => {
    const { socket, peer } = await open();
    const refused = socket.publish('room', 1);
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, error: { name: 'TooLateError', message: 'Late', code: 'SC_TOO_LATE', isUnknown: true } });
    await expect(refused).rejects.toMatchObject({ code: 'SC_TOO_LATE', isUnknown: true });
  });

  it('fails with its connection where the server cannot tell it from a new one', async () => {
    const { socket, peer } = await open({}, { features: ['batch'] });
    const sent = socket.publish('room', 1);
    await peer.nextFrame();
    peer.cut();
    await expect(sent).rejects.toMatchObject({ code: 'SC_BAD_CONNECTION', isUnknown: true });
  });

  it('fails when the next server cannot tell it from a new one', async () => {
    const { server, socket, peer } = await open();
    const sent = socket.publish('room', 1);
    await peer.nextFrame();
    peer.cut();
    const next = await server.nextOpen();
    await expect(sent).rejects.toMatchObject({ code: 'SC_BAD_CONNECTION', isUnknown: true });
    void socket.publish('room', 2);
    expect((await next.nextFrame()).data).toMatchObject({ seq: 2 });
  });

  it('fails with the socket', async () => {
    const { socket, peer } = await open();
    const sent = socket.publish('room', 1);
    await peer.nextFrame();
    peer.cut();
    await waitFor(() => socket.state !== 'open', { what: 'the client to follow' });
    socket.destroy();
    await expect(sent).rejects.toMatchObject({ code: 'SC_ABORTED', isUnknown: true });
  });

  it('is the only call that goes again', async () => {
    const { socket, peer } = await open();
    const called = socket.invoke('anything');
    await peer.nextFrame();
    peer.cut();
    await expect(called).rejects.toMatchObject({ code: 'SC_BAD_CONNECTION' });
  });
});

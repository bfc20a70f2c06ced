import { describe, expect, it } from '@jest/globals';
import { atOnce, clients, heard, until } from './support/clients.js';
import { jwt } from './support/jwt.js';

const use = clients();

describe('channels of a socket', () => {
  it('are subscribed by an ack, with events on the channel and on the socket', async () => {
    const { socket, peer } = await use.pair();
    const told: unknown[] = [];
    socket.on('subscribeStateChange', (change) => told.push(change));
    socket.on('subscribe', (name) => told.push(['socket', name]));
    const channel = socket
      .subscribe('news', { data: { a: 1 }, batch: true })
      .on('subscribe', (name) => told.push(['channel', name]));
    const frame = await peer.nextFrame();
    expect(frame).toStrictEqual({
      event: '#subscribe',
      data: { channel: 'news', data: { a: 1 }, batch: true },
      cid: 2,
    });
    peer.send({ rid: frame.cid });
    await heard(socket, 'subscribe');
    expect(told).toStrictEqual([
      { channel: 'news', oldState: 'unsubscribed', newState: 'pending' },
      { channel: 'news', oldState: 'pending', newState: 'subscribed' },
      ['channel', 'news'],
      ['socket', 'news'],
    ]);
    expect([channel.state, socket.isSubscribed('news'), socket.subscriptions()]).toStrictEqual([
      'subscribed',
      true,
      ['news'],
    ]);
  });

  it('give publications to watchers, until unsubscribed', async () => {
    const { socket, peer } = await use.pair();
    const seen: unknown[] = [];
    socket.subscribe('news');
    const watcher = (data: unknown): unknown => seen.push(data);
    socket.watch('news', watcher);
    expect(socket.watchers('news')).toStrictEqual([watcher]);
    peer.send({ event: '#publish', data: { channel: 'news', data: 'one' } });
    peer.send({ event: '#publish', data: { channel: 'other', data: 'not ours' } });
    peer.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.once('mark', () => resolve()));
    socket.unsubscribe('news');
    await peer.nextFrame();
    expect(await peer.nextFrame()).toStrictEqual({ event: '#unsubscribe', data: 'news' });
    peer.send({ event: '#publish', data: { channel: 'news', data: 'late' } });
    peer.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.once('mark', () => resolve()));
    socket.unwatch('news', watcher);
    expect([seen, socket.watchers('news'), socket.watchers('none')]).toStrictEqual([['one'], [], []]);
  });

  it('tell of a refusal, and are not asked for again', async () => {
    const { socket, peer, server } = await use.pair(atOnce);
    socket.subscribe('secret');
    const failed = heard(socket, 'subscribeFail');
    peer.send({ rid: (await peer.nextFrame()).cid, error: { name: 'Error', message: 'Denied: secret' } });
    expect(await failed).toStrictEqual([new Error('Denied: secret'), 'secret']);
    peer.cut();
    const next = await server.nextOpen();
    await heard(socket, 'connect');
    expect(next.waiting).toStrictEqual([]);
  });

  it('tell of a kick-out, and are not asked for again', async () => {
    const { socket, peer, server } = await use.pair(atOnce);
    socket.subscribe('news');
    peer.send({ rid: (await peer.nextFrame()).cid });
    peer.send({ event: '#kickOut', data: { channel: 'news', message: 'enough' } });
    expect(await heard(socket, 'kickOut')).toStrictEqual(['enough', 'news']);
    expect(socket.subscriptions(true)).toStrictEqual([]);
    peer.cut();
    const next = await server.nextOpen();
    await heard(socket, 'connect');
    expect(next.waiting).toStrictEqual([]);
  });

  it('come back after a loss by priority, before anything else', async () => {
    const { socket, peer, server } = await use.pair(atOnce);
    socket.subscribe('low');
    socket.subscribe('high', { priority: 5 });
    for (let i = 0; i < 2; i++) peer.send({ rid: (await peer.nextFrame()).cid });
    await until(() => socket.subscriptions().length === 2, 'both are subscribed');
    const unsubscribed = heard(socket, 'unsubscribe');
    peer.cut();
    await unsubscribed;
    expect(socket.subscriptions(true)).toStrictEqual(['low', 'high']);
    socket.emit('hello');
    const next = await server.nextOpen();
    const order = [];
    for (let i = 0; i < 3; i++) order.push((await next.nextFrame()).data ?? 'hello');
    expect(order).toStrictEqual([{ channel: 'high' }, { channel: 'low' }, 'hello']);
  });

  it('believe only the answer to the latest request', async () => {
    const { socket, peer } = await use.pair();
    const channel = socket.subscribe('news');
    const first = await peer.nextFrame();
    channel.unsubscribe();
    await peer.nextFrame();
    channel.subscribe();
    const second = await peer.nextFrame();
    peer.send({ rid: first.cid, error: 'refused' });
    peer.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.once('mark', () => resolve()));
    expect(channel.state).toBe('pending');
    peer.send({ rid: second.cid });
    await heard(socket, 'subscribe');
    expect(channel.state).toBe('subscribed');
  });

  it('wait for processPendingSubscriptions when autoSubscribeOnConnect is off', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false, autoSubscribeOnConnect: false });
    socket.subscribe('news');
    const connected = heard(socket, 'connect');
    socket.connect();
    const peer = await server.nextOpen();
    await connected;
    socket.emit('before');
    socket.processPendingSubscriptions();
    expect([await peer.nextFrame(), await peer.nextFrame()]).toStrictEqual([
      { event: 'before' },
      { event: '#subscribe', data: { channel: 'news' }, cid: 2 },
    ]);
  });

  it('wait for a token with waitForAuth, and for the next one when it has expired', async () => {
    const { socket, peer } = await use.pair();
    const channel = socket.subscribe('mine', { waitForAuth: true });
    socket.emit('after');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'after' });
    const expected = { event: '#subscribe', data: { channel: 'mine', waitForAuth: true } };
    peer.send({ event: '#setAuthToken', data: { token: jwt({ a: 1 }) } });
    const frame = await peer.nextFrame();
    expect(frame).toStrictEqual({ ...expected, cid: 2 });
    peer.send({ rid: 2, error: { name: 'AuthTokenExpiredError', message: 'too old' } });
    peer.send({ event: '#setAuthToken', data: { token: jwt({ a: 2 }) } });
    expect(await peer.nextFrame()).toStrictEqual({ ...expected, cid: 3 });
    expect(channel.state).toBe('pending');
    peer.send({ rid: 3 });
    await heard(socket, 'subscribe');
    expect(channel.state).toBe('subscribed');
  });

  it('publish with an ack, by promise and by callback', async () => {
    const { socket, peer } = await use.pair();
    const called = new Promise((resolve) => {
      void socket.publish('news', { a: 1 }, (...args) => resolve(args));
    });
    expect(await peer.nextFrame()).toStrictEqual({
      event: '#publish',
      data: { channel: 'news', seq: 1, data: { a: 1 } },
      cid: 2,
    });
    peer.send({ rid: 2, data: 'position' });
    expect(await called).toStrictEqual([null, 'position']);
    const refused = socket.channel('readonly').publish(1);
    peer.send({ rid: (await peer.nextFrame()).cid, error: 'Denied' });
    await expect(refused).rejects.toThrow('Denied');
  });
});

import { describe, expect, it } from '@jest/globals';
import { closeReason } from 'sc-protocol';
import { atOnce, clients, heard } from './support/clients.js';
import { jwt } from './support/jwt.js';
import { type Platform, SCClientSocket, version } from '../src/node/index.js';
import { nodePlatform } from '../src/node/platform.js';

const use = clients();

describe('connecting', () => {
  it('says who it is in a handshake, first of all, and tells the status in ready and connect', async () => {
    const server = await use.server();
    const socket = use.connect(server, { query: { room: 'a b', list: ['1', '2'] } });
    const told: unknown[] = [];
    socket.on('ready', (status) => told.push('ready', status, socket.state, socket.id));
    socket.on('connect', (status) => told.push('connect', status));
    const connected = heard(socket, 'connect');
    expect([socket.state, socket.id]).toStrictEqual(['connecting', null]);
    const peer = await server.nextPeer();
    await peer.open({ id: 'abc', pingTimeout: 7000 });
    await connected;
    expect(peer.url).toBe('/socketcluster/?room=a%20b&list=1&list=2');
    expect(peer.handshake).toStrictEqual({
      event: '#handshake',
      data: {
        authToken: null,
        client: { name: 'sc-client', version },
        features: ['batch', 'position', 'dedupe', 'presence'],
        publisher: expect.stringMatching(/^.{22}$/),
      },
      cid: 1,
    });
    const status = { id: 'abc', isAuthenticated: false, pingTimeout: 7000 };
    expect(told).toStrictEqual(['ready', status, 'open', 'abc', 'connect', status]);
  });

  it('answers pings in the form it was told', async () => {
    for (const [protocolVersion, ping, pong] of [
      [2, '', ''],
      [1, '#1', '#2'],
    ] as const) {
      const { peer, socket } = await use.pair({ protocolVersion });
      peer.send(ping);
      expect(await peer.next()).toBe(pong);
      socket.destroy();
    }
  });

  it('gives the connection up when pings stay away, and comes back at once', async () => {
    const { socket, server } = await use.pair({}, { pingTimeout: 100 });
    expect(await heard(socket, 'disconnect')).toStrictEqual([4000, closeReason(4000)]);
    await server.nextOpen();
    await heard(socket, 'connect');
  });

  it('watches for pings only when it was not told otherwise', async () => {
    for (const pingTimeoutDisabled of [false, true]) {
      const server = await use.server();
      const delays: number[] = [];
      const startTimer: Platform['startTimer'] = (run, delayMs) => {
        delays.push(delayMs);
        return nodePlatform.startTimer(run, delayMs);
      };
      const options = { hostname: '127.0.0.1', port: server.port, pingTimeoutDisabled };
      // On a clock that stands still, the watch has all of its time left when it begins.
      const socket = new SCClientSocket(options, { ...nodePlatform, startTimer, elapsed: () => 0 });
      const connected = heard(socket, 'connect');
      await server.nextOpen({ pingTimeout: 7777 });
      await connected;
      socket.destroy();
      expect(delays.includes(7777)).toBe(!pingTimeoutDisabled);
    }
  });

  it('fails with the reason when the server refuses the handshake, and tries again', async () => {
    const server = await use.server();
    const socket = use.connect(server, atOnce);
    const aborted = heard(socket, 'connectAbort');
    const closed = heard(socket, 'close');
    const peer = await server.nextPeer();
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, error: { name: 'HandshakeError', message: 'Not you', statusCode: 4123 } });
    const [code, reason, error] = await aborted;
    expect([code, reason, (error as Error).name]).toStrictEqual([4123, 'Not you', 'HandshakeError']);
    expect(await closed).toStrictEqual([4123, 'Not you']);
    expect(await peer.closed).toStrictEqual({ code: 4123, reason: 'Not you' });
    await server.nextOpen();
    expect(await heard(socket, 'connect')).toHaveLength(1);
  });

  it('gives up an endless handshake with 4003, and an endless connect with 4007', async () => {
    const server = await use.server();
    const late = use.connect(server, { ackTimeout: 50, autoReconnect: false });
    expect((await heard(late, 'connectAbort'))[0]).toBe(4003);
    const slow = use.connect(server, { connectTimeout: 50, autoReconnect: false });
    expect((await heard(slow, 'connectAbort'))[0]).toBe(4007);
    expect([late.state, slow.state]).toStrictEqual(['closed', 'closed']);
  });

  it('aborts when nobody listens at the port, and connects when somebody does', async () => {
    const server = await use.server();
    const { port } = server;
    await server.close();
    const socket = use.connect({ port }, atOnce);
    const [code, reason, error] = await heard(socket, 'connectAbort');
    expect([code, reason]).toStrictEqual([1006, `connect ECONNREFUSED 127.0.0.1:${port}`]);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', message: reason });
    expect((await heard(socket, 'connectAbort'))[0]).toBe(1006);
  });

  it('waits for connect when autoConnect is off', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    expect([socket.state, server.peers.length]).toStrictEqual(['closed', 0]);
    socket.open().connect();
    await server.nextOpen();
    await heard(socket, 'connect');
    expect(server.peers).toHaveLength(1);
  });
});

describe('the end of a connection', () => {
  it('by disconnect is told to both ends, and final until connect', async () => {
    const { socket, peer, server } = await use.pair(atOnce);
    const told: unknown[] = [];
    socket.on('disconnect', (...args) => told.push(['disconnect', ...args, socket.state, socket.id]));
    socket.on('close', (...args) => told.push(['close', ...args]));
    socket.disconnect(4321, 'enough');
    socket.disconnect();
    expect(told).toStrictEqual([
      ['disconnect', 4321, 'enough', 'closed', null],
      ['close', 4321, 'enough'],
    ]);
    expect(await peer.closed).toStrictEqual({ code: 4321, reason: 'enough' });
    socket.connect();
    await server.nextOpen({ id: 'second' });
    await heard(socket, 'connect');
    expect([socket.id, server.peers.length]).toStrictEqual(['second', 2]);
  });

  it('is said in a frame too, to servers that need that', async () => {
    const { socket, peer } = await use.pair({ protocolVersion: 1 });
    socket.disconnect(4321, 'enough');
    expect(await peer.nextFrame()).toStrictEqual({ event: '#disconnect', data: { code: 4321, data: 'enough' } });
  });

  it.each([
    [1000, 'never'],
    [4500, 'never'],
    [4999, 'never'],
  ])('by the server with %i is final', async (code) => {
    const { socket, peer } = await use.pair(atOnce);
    const disconnected = heard(socket, 'disconnect');
    peer.webSocket.close(code, 'final');
    expect(await disconnected).toStrictEqual([code, 'final']);
    // A planned attempt would have begun at once.
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.state).toBe('closed');
  });

  it.each([[1001], [1011], [4008], [4011]])('by the server with %i is followed by another connection', async (code) => {
    const { socket, peer, server } = await use.pair(atOnce);
    peer.webSocket.close(code);
    await server.nextOpen();
    await heard(socket, 'connect');
    expect(server.peers).toHaveLength(2);
  });

  it('without a word is followed by another connection', async () => {
    const { socket, peer, server } = await use.pair(atOnce);
    const disconnected = heard(socket, 'disconnect');
    peer.cut();
    expect(await disconnected).toStrictEqual([1006, 'Closed with code 1006']);
    await server.nextOpen();
    await heard(socket, 'connect');
  });

  it('by a disconnect frame counts with its code', async () => {
    const { socket, peer } = await use.pair({ protocolVersion: 1 });
    const disconnected = heard(socket, 'disconnect');
    peer.send({ event: '#disconnect', data: { code: 4777, data: 'leave' } });
    expect(await disconnected).toStrictEqual([4777, 'leave']);
  });

  it('by reconnect is followed by another connection', async () => {
    const { socket, server } = await use.pair();
    socket.reconnect();
    await server.nextOpen({ id: 'second' });
    await heard(socket, 'connect');
    expect(socket.id).toBe('second');
  });

  it('by destroy is the last one', async () => {
    const { socket } = await use.pair();
    socket.destroy();
    socket.destroy();
    expect(socket.state).toBe('closed');
    expect(() => socket.connect()).toThrow('The socket was destroyed');
  });

  it('is the end of what was under way: nothing is heard any more', async () => {
    const { socket, peer } = await use.pair();
    const seen: unknown[] = [];
    socket.on('late', (data) => seen.push(data));
    socket.on('message', (message) => seen.push(message));
    peer.send({ event: 'late', data: 1 });
    socket.disconnect();
    await peer.closed;
    expect(seen).toStrictEqual([]);
  });

  it('by a listener of connect leaves what waits for the next connection', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    socket.emit('queued');
    socket.subscribe('news');
    socket.once('connect', () => socket.disconnect());
    const closed = heard(socket, 'close');
    socket.connect();
    await server.nextOpen();
    await closed;
    socket.connect();
    const peer = await server.nextOpen();
    expect([(await peer.nextFrame()).event, (await peer.nextFrame()).event]).toStrictEqual(['#subscribe', 'queued']);
  });

  it('leaves no timer behind, whether it was open or not', async () => {
    const server = await use.server();
    const timers = new Set<object>();
    const platform: Platform = {
      ...nodePlatform,
      startTimer(run, delayMs) {
        const timer = {};
        timers.add(timer);
        const cancel = nodePlatform.startTimer(() => {
          timers.delete(timer);
          run();
        }, delayMs);
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    const socket = new SCClientSocket({ hostname: '127.0.0.1', port: server.port }, platform);
    await server.nextPeer();
    socket.disconnect();
    expect(timers.size).toBe(0);
    socket.connect();
    const peer = await server.nextOpen();
    await heard(socket, 'connect');
    const call = socket.invoke('call');
    peer.send({ rid: (await peer.nextFrame()).cid });
    await call;
    // The watch for pings is left.
    expect(timers.size).toBe(1);
    peer.send({ event: '#setAuthToken', data: { token: jwt({ exp: 4_000_000_000 }) } });
    await heard(socket, 'authenticate');
    expect(timers.size).toBe(2);
    socket.destroy();
    expect(timers.size).toBe(0);
  });

  it('refuses codes that no WebSocket can carry', async () => {
    const { socket } = await use.pair();
    expect(() => socket.disconnect(1006)).toThrow('A close code must be 1000 or 3000 to 4999, got 1006');
    expect(socket.state).toBe('open');
  });
});

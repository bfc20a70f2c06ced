import { afterEach, describe, expect, it } from '@jest/globals';
import { closeReason } from 'sc-protocol';
import { type ClientOptions, type Platform, SCClientSocket } from '../src/node/index.js';
import { clients, heard, until } from './support/clients.js';
import { jwt } from './support/jwt.js';
import { browser } from './support/pages.js';

const use = clients();
const sockets: SCClientSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function open(server: { readonly port: number }, platform: Platform, options: ClientOptions = {}): SCClientSocket {
  const socket = new SCClientSocket({ hostname: '127.0.0.1', port: server.port, ...options }, platform);
  sockets.push(socket);
  return socket;
}

describe('a page that wakes', () => {
  it('gives up a connection that was silent for longer than its pings allow, and comes back at once', async () => {
    const { page, sleep, wake } = browser();
    const server = await use.server();
    const socket = open(server, page());
    const connected = heard(socket, 'connect');
    await server.nextOpen({ pingTimeout: 20_000 });
    await connected;
    sleep(19_000);
    wake();
    expect(socket.state).toBe('open');
    const lost = heard(socket, 'disconnect');
    sleep(2000);
    wake();
    expect(await lost).toStrictEqual([4000, closeReason(4000)]);
    await server.nextOpen();
    await heard(socket, 'connect');
  });

  it('keeps a connection on which something else than a ping was heard', async () => {
    const { page, sleep, wake } = browser();
    const server = await use.server();
    const socket = open(server, page());
    const peer = await server.nextOpen({ pingTimeout: 20_000 });
    await heard(socket, 'connect');
    sleep(19_000);
    peer.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.on('mark', () => resolve()));
    sleep(2000);
    wake();
    expect(socket.state).toBe('open');
  });

  it('connects now instead of waiting for its turn', async () => {
    const { page, wake } = browser();
    const server = await use.server();
    const socket = open(server, page(), { autoReconnectOptions: { initialDelay: 60_000, maxDelay: 60_000 } });
    const peer = await server.nextOpen();
    await heard(socket, 'connect');
    peer.cut();
    await heard(socket, 'disconnect');
    wake();
    await server.nextOpen();
    await heard(socket, 'connect');
    expect(server.peers).toHaveLength(2);
  });

  it('stays closed when it was closed on purpose, and leaves no listener behind when destroyed', async () => {
    const { page, wake, listeners } = browser();
    const server = await use.server();
    const socket = open(server, page());
    await server.nextOpen();
    await heard(socket, 'connect');
    socket.disconnect();
    wake();
    expect(socket.state).toBe('closed');
    socket.destroy();
    expect(listeners()).toBe(0);
  });
});

describe('two tabs', () => {
  it('log in and out together', async () => {
    const { page } = browser();
    const server = await use.server();
    const one = open(server, page());
    const onePeer = await server.nextOpen();
    const other = open(server, page());
    const otherPeer = await server.nextOpen();
    await heard(other, 'connect');
    const token = jwt({ username: 'ada' });
    onePeer.send({ event: '#setAuthToken', data: { token } });
    const shown = await otherPeer.nextFrame();
    expect(shown).toStrictEqual({ event: '#authenticate', data: token, cid: 2 });
    otherPeer.send({ rid: 2, data: { isAuthenticated: true, authError: null } });
    await heard(other, 'authenticate');
    expect([one.authToken, other.authToken]).toStrictEqual([{ username: 'ada' }, { username: 'ada' }]);
    await one.deauthenticate();
    expect([await onePeer.nextFrame(), await otherPeer.nextFrame()]).toStrictEqual([
      { event: '#removeAuthToken', cid: 2 },
      { event: '#removeAuthToken', cid: 3 },
    ]);
    expect([one.authState, other.authState]).toStrictEqual(['unauthenticated', 'unauthenticated']);
  });

  it('do not show the server a token that it has shown to them', async () => {
    const { page } = browser();
    const server = await use.server();
    const token = jwt({ username: 'ada' });
    const store = page().localStorage;
    const name = `socketcluster.authToken.127.0.0.1:${server.port}`;
    store?.setItem(name, token);
    const socket = open(server, page());
    const peer = await server.nextOpen({ isAuthenticated: true });
    await heard(socket, 'connect');
    store?.setItem(name, token);
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
  });

  it('may disagree: a token that the server refuses in one is not taken over', async () => {
    const { page } = browser();
    const server = await use.server();
    const store = page().localStorage;
    const socket = open(server, page());
    const peer = await server.nextOpen();
    await heard(socket, 'connect');
    store?.setItem(`socketcluster.authToken.127.0.0.1:${server.port}`, 'junk');
    peer.send({ rid: (await peer.nextFrame()).cid, error: { name: 'AuthTokenInvalidError', message: 'bad' } });
    peer.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.on('mark', () => resolve()));
    expect([socket.authState, socket.signedAuthToken]).toStrictEqual(['unauthenticated', null]);
  });
});

describe('the auth option', () => {
  const soon = (): string => jwt({ exp: Date.now() / 1000 + 0.2 });
  const later = jwt({ exp: 4_000_000_000 });

  it('is asked for a token before a handshake when the store has none that is valid', async () => {
    const { page, items } = browser();
    const server = await use.server();
    const tokens = [null, jwt({ exp: 5 }), later];
    let asked = 0;
    const socket = open(server, page(), { auth: async () => tokens[asked++] ?? null });
    for (const expected of tokens) {
      const peer = await server.nextPeer();
      await peer.open();
      await heard(socket, 'connect');
      expect(peer.handshake?.data).toMatchObject({ authToken: expected });
      socket.reconnect();
    }
    await server.nextOpen();
    expect([asked, [...items.values()]]).toStrictEqual([3, [later]]);
  });

  it('that throws makes the attempt fail', async () => {
    const server = await use.server();
    const auth = (): Promise<string> => Promise.reject(new Error('login service down'));
    const socket = use.connect(server, { auth, autoReconnect: false });
    const [code, , error] = await heard(socket, 'connectAbort');
    expect([code, error]).toStrictEqual([4003, new Error('login service down')]);
  });

  it('is asked again when the server says that the token has expired', async () => {
    const server = await use.server();
    const tokens = [jwt({ exp: 3_999_999_999 }), later];
    const socket = use.connect(server, { auth: () => tokens.shift() ?? null });
    const peer = await server.nextOpen({ authError: { name: 'AuthTokenExpiredError', message: 'too old' } });
    expect(await peer.nextFrame()).toStrictEqual({ event: '#authenticate', data: later, cid: 2 });
    peer.send({ rid: 2, data: { isAuthenticated: true } });
    await until(() => socket.signedAuthToken === later, 'the new token is taken');
    expect(tokens).toStrictEqual([]);
  });

  it('is asked again before the token expires, and the new one is shown to the server', async () => {
    const server = await use.server();
    const first = soon();
    const tokens = [first, later];
    const socket = use.connect(server, { auth: () => tokens.shift() ?? null });
    const told: string[] = [];
    socket.on('authTokenExpire', (token) => told.push(token));
    const peer = await server.nextOpen({ isAuthenticated: true });
    expect(await peer.nextFrame()).toStrictEqual({ event: '#authenticate', data: later, cid: 2 });
    peer.send({ rid: 2, data: { isAuthenticated: true } });
    await until(() => socket.signedAuthToken === later, 'the new token is taken');
    expect(told).toStrictEqual([]);
  });
});

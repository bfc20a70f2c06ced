import { describe, expect, it } from '@jest/globals';
import { type AuthEngine, SCClientSocket } from '../src/node/index.js';
import { nodePlatform } from '../src/node/platform.js';
import { memoryTokenStore } from '../src/token-store.js';
import { atOnce, clients, heard } from './support/clients.js';
import { jwt } from './support/jwt.js';

const use = clients();
const token = jwt({ username: 'zoë', exp: 2_000_000_000 });

function storeWith(stored: string): AuthEngine & { tokens: Map<string, string> } {
  const tokens = new Map([['t', stored]]);
  return {
    tokens,
    loadToken: (name: string) => Promise.resolve(tokens.get(name)),
    saveToken: async (name: string, saved: string) => tokens.set(name, saved),
    removeToken: async (name: string) => tokens.delete(name),
  };
}

describe('the auth token', () => {
  it('is sent from the store in the handshake, and its claims can be read', async () => {
    const authEngine = storeWith(token);
    const { socket, peer } = await use.pair({ authEngine, authTokenName: 't' }, { isAuthenticated: true });
    expect((peer.handshake?.data as { authToken: string }).authToken).toBe(token);
    expect([socket.authState, socket.signedAuthToken, socket.authToken]).toStrictEqual([
      'authenticated',
      token,
      { username: 'zoë', exp: 2_000_000_000 },
    ]);
  });

  it('that the server finds bad is reported in the status', async () => {
    const server = await use.server();
    const socket = use.connect(server, { authEngine: storeWith('junk'), authTokenName: 't' });
    const connected = heard(socket, 'ready');
    await server.nextOpen({ authError: { name: 'AuthTokenInvalidError', message: 'bad', code: 'X' } });
    const [status] = await connected;
    expect([status.isAuthenticated, status.authError?.name, socket.authState]).toStrictEqual([
      false,
      'AuthTokenInvalidError',
      'unauthenticated',
    ]);
  });

  it('is stored when the server sets it, and the server hears of that', async () => {
    const authEngine = storeWith('');
    const { socket, peer } = await use.pair({ authEngine, authTokenName: 't' });
    const told: unknown[] = [];
    socket.on('authStateChange', (change) => told.push(change));
    socket.on('authenticate', (signed) => told.push(signed));
    peer.send({ event: '#setAuthToken', data: { token }, cid: 9 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 9 });
    expect(authEngine.tokens.get('t')).toBe(token);
    const authToken = { username: 'zoë', exp: 2_000_000_000 };
    expect(told).toStrictEqual([
      { oldAuthState: 'unauthenticated', newAuthState: 'authenticated', signedAuthToken: token, authToken },
      token,
    ]);
  });

  it('is forgotten when the server removes it', async () => {
    const authEngine = storeWith(token);
    const { socket, peer } = await use.pair({ authEngine, authTokenName: 't' }, { isAuthenticated: true });
    const removed = heard(socket, 'deauthenticate');
    peer.send({ event: '#removeAuthToken', cid: 4 });
    expect(await removed).toStrictEqual([token]);
    expect(await peer.nextFrame()).toStrictEqual({ rid: 4 });
    expect([socket.authState, socket.authToken, authEngine.tokens.size]).toStrictEqual(['unauthenticated', null, 0]);
  });

  it('can be shown to the server with authenticate', async () => {
    const { socket, peer } = await use.pair();
    const shown = socket.authenticate(token);
    expect(await peer.nextFrame()).toStrictEqual({ event: '#authenticate', data: token, cid: 2 });
    peer.send({ rid: 2, data: { isAuthenticated: true, authError: null } });
    await shown;
    expect([socket.authState, socket.signedAuthToken]).toStrictEqual(['authenticated', token]);
  });

  it.each([
    [{ error: { name: 'AuthTokenInvalidError', message: 'bad' } }, 'bad'],
    [{ data: { isAuthenticated: false, authError: { name: 'AuthTokenNotBeforeError', message: 'soon' } } }, 'soon'],
    [{ data: { isAuthenticated: false } }, 'The auth token was not accepted'],
    [{}, 'The auth token was not accepted'],
  ])('is not kept when the server answers %j', async (answer, message) => {
    const { socket, peer } = await use.pair();
    const shown = socket.authenticate(token);
    peer.send({ rid: (await peer.nextFrame()).cid, ...answer });
    await expect(shown).rejects.toThrow(message);
    expect([socket.authState, socket.signedAuthToken]).toStrictEqual(['unauthenticated', null]);
  });

  it('is forgotten on both ends with deauthenticate', async () => {
    const authEngine = storeWith(token);
    const { socket, peer, server } = await use.pair(
      { ...atOnce, authEngine, authTokenName: 't' },
      { isAuthenticated: true },
    );
    await socket.deauthenticate();
    expect(await peer.nextFrame()).toStrictEqual({ event: '#removeAuthToken', cid: 2 });
    expect([socket.authState, authEngine.tokens.size]).toStrictEqual(['unauthenticated', 0]);
    peer.cut();
    const next = await server.nextOpen();
    expect((next.handshake?.data as { authToken: null }).authToken).toBeNull();
  });

  it('may live in a store with callbacks', async () => {
    const tokens = new Map([['t', token]]);
    const authEngine: AuthEngine = {
      loadToken(name: string, done: (error: unknown, value?: unknown) => void) {
        done(null, tokens.get(name));
      },
      saveToken(name: string, saved: string, _options: object, done: (error: unknown) => void) {
        tokens.set(name, saved);
        done(null);
      },
      removeToken(name: string, done: (error: unknown) => void) {
        done(tokens.delete(name) ? new Error('disk full') : null);
      },
    };
    const { socket, peer } = await use.pair({ authEngine, authTokenName: 't' }, { isAuthenticated: true });
    expect(peer.handshake?.data).toMatchObject({ authToken: token });
    peer.send({ event: '#setAuthToken', data: { token: 'other' }, cid: 1 });
    await peer.nextFrame();
    expect(tokens.get('t')).toBe('other');
    await expect(socket.deauthenticate()).rejects.toMatchObject({
      name: 'AuthTokenError',
      message: 'The auth token could not be removed',
      cause: new Error('disk full'),
    });
  });

  it('that cannot be loaded keeps the socket from connecting as a stranger', async () => {
    const server = await use.server();
    const failing = { ...memoryTokenStore(), loadToken: () => Promise.reject(new Error('locked')) };
    const socket = use.connect(server, { authEngine: failing, autoReconnect: false });
    const [code, , error] = await heard(socket, 'connectAbort');
    expect([code, (error as Error).name]).toStrictEqual([4003, 'AuthTokenError']);
  });

  it('that is still being stored is waited for by the next handshake', async () => {
    const { tokens, ...engine } = storeWith('old');
    let stored = (): void => {};
    const saveToken = (name: string, saved: string): Promise<void> =>
      new Promise((resolve) => {
        stored = () => resolve(void tokens.set(name, saved));
      });
    const { socket, peer, server } = await use.pair({ authEngine: { ...engine, saveToken }, authTokenName: 't' });
    peer.send({ event: '#setAuthToken', data: { token } });
    await heard(socket, 'authenticate');
    socket.reconnect();
    const next = await server.nextPeer();
    // Once this is heard the WebSocket is open, and nothing but the store holds the handshake back.
    next.send({ event: 'mark' });
    await new Promise<void>((resolve) => socket.on('mark', () => resolve()));
    stored();
    await next.open();
    expect(next.handshake?.data).toMatchObject({ authToken: token });
  });

  it('is kept per host in localStorage where there is one that works', async () => {
    const server = await use.server();
    const items = new Map<string, string>();
    const localStorage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
    const options = { hostname: '127.0.0.1', port: server.port };
    const socket = new SCClientSocket(options, { ...nodePlatform, localStorage });
    const peer = await server.nextOpen();
    peer.send({ event: '#setAuthToken', data: { token }, cid: 1 });
    await peer.nextFrame();
    socket.destroy();
    expect([...items]).toStrictEqual([[`socketcluster.authToken.127.0.0.1:${server.port}`, token]]);
  });

  it('is kept in memory where localStorage refuses', async () => {
    const server = await use.server();
    const platform = Object.defineProperty({ ...nodePlatform }, 'localStorage', {
      get: () => {
        throw new Error('SecurityError');
      },
    });
    const socket = new SCClientSocket({ hostname: '127.0.0.1', port: server.port, ...atOnce }, platform);
    const peer = await server.nextOpen();
    peer.send({ event: '#setAuthToken', data: { token }, cid: 1 });
    await peer.nextFrame();
    peer.cut();
    const next = await server.nextOpen();
    socket.destroy();
    expect(next.handshake?.data).toMatchObject({ authToken: token });
  });
});

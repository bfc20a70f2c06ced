import { describe, expect, it } from '@jest/globals';
import type { AuthEngine } from '../src/node/index.js';
import { atOnce, clients, heard, until } from './support/clients.js';
import { jwt } from './support/jwt.js';

const use = clients();
const [older, newer] = ['older', 'newer'].map((username) => jwt({ username, exp: 4_000_000_000 })) as [string, string];

/** One token for all tabs that share it; a tab hears of what the others write when it is told. */
function sharedStore(): { value: string | null; tab(): AuthEngine & { tell(): void } } {
  const shared = {
    value: null as string | null,
    tab() {
      let changed: (token: string | null) => void = () => {};
      return {
        loadToken: () => shared.value,
        saveToken: (_name: string, token: string) => void (shared.value = token),
        removeToken: () => void (shared.value = null),
        watchToken: (_name: string, listener: (token: string | null) => void) => {
          changed = listener;
          return () => {};
        },
        tell: () => changed(shared.value),
      };
    },
  };
  return shared;
}

/** Connects a socket that has the older token, up to its handshake. */
async function connectWithOlder() {
  const store = sharedStore();
  store.value = older;
  const server = await use.server();
  const socket = use.connect(server, { authEngine: store.tab() });
  const opened = heard(socket, 'ready');
  return { store, socket, opened, peer: await server.nextPeer() };
}

describe('a logout', () => {
  it('wins over a login that was under way', async () => {
    const store = sharedStore();
    const { socket, peer } = await use.pair({ authEngine: store.tab() });
    const login = socket.authenticate(older);
    const { cid } = await peer.nextFrame();
    await socket.deauthenticate();
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    await expect(login).rejects.toMatchObject({ code: 'SC_ABORTED' });
    expect(await peer.nextFrame()).toMatchObject({ event: '#removeAuthToken' });
    expect([socket.authState, store.value]).toStrictEqual(['unauthenticated', null]);
  });

  it('takes a login that waited in the outbox away', async () => {
    const server = await use.server();
    const socket = use.connect(server, { autoConnect: false });
    const login = socket.authenticate(older);
    await socket.deauthenticate();
    await expect(login).rejects.toMatchObject({ code: 'SC_ABORTED' });
    socket.emit('next');
    socket.connect();
    expect(await (await server.nextOpen()).nextFrame()).toStrictEqual({ event: 'next' });
  });

  it('wins over the handshake that shows the old token', async () => {
    const { store, socket, opened, peer } = await connectWithOlder();
    const { cid, data } = await peer.nextFrame();
    expect(data).toMatchObject({ authToken: older });
    await socket.deauthenticate();
    peer.send({ rid: cid, data: { id: 'x', isAuthenticated: true, pingTimeout: 20_000 } });
    await opened;
    expect(await peer.nextFrame()).toMatchObject({ event: '#removeAuthToken' });
    expect([socket.authState, socket.signedAuthToken, store.value]).toStrictEqual(['unauthenticated', null, null]);
  });

  it('of the server during the handshake, and a token that it gives then, are not taken for changes of ours', async () => {
    const { store, socket, opened, peer } = await connectWithOlder();
    const { cid } = await peer.nextFrame();
    peer.send({ event: '#setAuthToken', data: { token: newer }, cid: 7 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 7 });
    peer.send({ rid: cid, data: { id: 'x', isAuthenticated: true, pingTimeout: 20_000 } });
    await opened;
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
    expect([socket.authState, socket.signedAuthToken, store.value]).toStrictEqual(['authenticated', newer, newer]);
  });

  it('wins over a source that was asked for the handshake', async () => {
    const store = sharedStore();
    let give: (token: string) => void = () => {};
    let asked = 0;
    const auth = (): Promise<string> => {
      asked++;
      return new Promise((resolve) => (give = resolve));
    };
    const server = await use.server();
    const socket = use.connect(server, { authEngine: store.tab(), auth });
    const peer = await server.nextPeer();
    await until(() => asked === 1, 'the source was asked');
    await socket.deauthenticate();
    give(older);
    expect((await peer.nextFrame()).data).toMatchObject({ authToken: null });
    expect([asked, store.value]).toStrictEqual([1, null]);
  });

  it('leaves out what the server said before it knew', async () => {
    const store = sharedStore();
    const { socket, peer } = await use.pair({ authEngine: store.tab() });
    await socket.deauthenticate();
    peer.send({ event: '#setAuthToken', data: { token: older }, cid: 7 });
    const { cid } = await peer.nextFrame();
    expect(await peer.nextFrame()).toMatchObject({ rid: 7, error: { code: 'SC_ABORTED' } });
    peer.send([{ rid: cid }, { event: '#setAuthToken', data: { token: newer }, cid: 8 }]);
    expect(await peer.nextFrame()).toStrictEqual({ rid: 8 });
    expect([socket.signedAuthToken, store.value]).toStrictEqual([newer, newer]);
  });
});

describe('the answer to a login', () => {
  it('takes effect before what comes behind it', async () => {
    const store = sharedStore();
    const { socket, peer } = await use.pair({ authEngine: store.tab() });
    const login = socket.authenticate(older);
    const { cid } = await peer.nextFrame();
    peer.send([
      { rid: cid, data: { isAuthenticated: true } },
      { event: '#setAuthToken', data: { token: newer } },
    ]);
    await login;
    await until(() => store.value === newer, 'the newer token is stored');
    expect(socket.signedAuthToken).toBe(newer);
  });

  it('that refuses it leaves the present token alone', async () => {
    const store = sharedStore();
    store.value = older;
    const { socket, peer } = await use.pair({ authEngine: store.tab() }, { isAuthenticated: true });
    const login = socket.authenticate('bad');
    const { cid } = await peer.nextFrame();
    peer.send({ rid: cid, error: { name: 'AuthTokenInvalidError', message: 'No', code: 'SC_AUTH_TOKEN_INVALID' } });
    await expect(login).rejects.toMatchObject({ code: 'SC_AUTH_TOKEN_INVALID' });
    expect([socket.authState, socket.signedAuthToken, store.value]).toStrictEqual(['authenticated', older, older]);
  });
});

describe('tabs with one token store', () => {
  it('take over what another one has stored, and log out with it', async () => {
    const store = sharedStore();
    const authEngine = store.tab();
    const { socket, peer } = await use.pair({ authEngine });
    store.value = older;
    authEngine.tell();
    const { cid, data } = await peer.nextFrame();
    expect(data).toBe(older);
    const changed = heard(socket, 'authenticate');
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    await changed;
    store.value = null;
    authEngine.tell();
    expect(await peer.nextFrame()).toMatchObject({ event: '#removeAuthToken' });
    expect(socket.authState).toBe('unauthenticated');
  });

  it('take nothing over that was taken out again meanwhile', async () => {
    const store = sharedStore();
    const authEngine = store.tab();
    const { socket, peer } = await use.pair({ authEngine });
    store.value = older;
    authEngine.tell();
    const { cid } = await peer.nextFrame();
    store.value = null;
    authEngine.tell();
    expect(await peer.nextFrame()).toMatchObject({ event: '#removeAuthToken' });
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
    expect([socket.authState, store.value]).toStrictEqual(['unauthenticated', null]);
  });

  it('do not take their own changes for those of others', async () => {
    const store = sharedStore();
    const authEngine = store.tab();
    const { socket, peer } = await use.pair({ authEngine });
    peer.send([
      { event: '#setAuthToken', data: { token: older }, cid: 1 },
      { event: '#removeAuthToken', cid: 2 },
    ]);
    peer.send({ event: '#setAuthToken', data: { token: newer }, cid: 3 });
    for (const rid of [1, 2, 3]) expect(await peer.nextFrame()).toStrictEqual({ rid });
    for (let i = 0; i < 3; i++) authEngine.tell();
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
    expect([socket.signedAuthToken, store.value]).toStrictEqual([newer, newer]);
  });

  it('keep a login under way when another one takes an older token out', async () => {
    const store = sharedStore();
    store.value = older;
    const authEngine = store.tab();
    const { socket, peer } = await use.pair({ authEngine }, { isAuthenticated: true });
    const login = socket.authenticate(newer);
    const { cid } = await peer.nextFrame();
    store.value = null;
    authEngine.tell();
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    await login;
    socket.emit('next');
    expect(await peer.nextFrame()).toStrictEqual({ event: 'next' });
    expect([socket.signedAuthToken, store.value]).toStrictEqual([newer, newer]);
  });

  it('lose only their own token when the server takes it away', async () => {
    const store = sharedStore();
    store.value = older;
    const { socket, peer } = await use.pair({ authEngine: store.tab() }, { isAuthenticated: true });
    store.value = newer;
    peer.send({ event: '#removeAuthToken', cid: 1 });
    expect(await peer.nextFrame()).toStrictEqual({ rid: 1 });
    expect([socket.authState, store.value]).toStrictEqual(['unauthenticated', newer]);
  });
});

describe('the renewal of a token', () => {
  const lasting = (lifeMs: number, serverTime = Date.now(), n = 0): string =>
    jwt({ username: 'ada', n, exp: (serverTime + lifeMs) / 1000 });

  it.each([0, -3000, 2 * 86_400_000])('begins before it ends, with a clock that is %i ms off', async (skew) => {
    const serverTime = Date.now() + skew;
    let asked = 0;
    const options = { auth: () => lasting(asked++ === 0 ? 400 : 60_000, serverTime, asked), ...atOnce };
    const server = await use.server();
    const socket = use.connect(server, options);
    const ended: unknown[] = [];
    socket.on('authTokenExpire', (token) => ended.push(token));
    const peer = await server.nextOpen({ isAuthenticated: true, serverTime });
    const { cid, event } = await peer.nextFrame();
    expect([event, ended.length]).toStrictEqual(['#authenticate', 0]);
    const renewed = heard(socket, 'authenticate');
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    await renewed;
    expect([asked, socket.authState]).toStrictEqual([2, 'authenticated']);
  });

  it('is tried again after a failure, also after the token has ended', async () => {
    let asked = 0;
    const auth = (): string => {
      if (++asked === 2 || asked === 3) throw new Error('Not now');
      return lasting(asked === 1 ? 300 : 60_000, Date.now(), asked);
    };
    const server = await use.server();
    const socket = use.connect(server, { auth, ...atOnce });
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push((error as Error).message));
    const peer = await server.nextOpen({ isAuthenticated: true, serverTime: Date.now() });
    await until(() => asked >= 2, 'the source failed');
    peer.send({ event: '#removeAuthToken' });
    const { cid, event } = await peer.nextFrame();
    peer.send({ rid: cid, data: { isAuthenticated: true } });
    await heard(socket, 'authenticate');
    expect([event, asked, errors]).toStrictEqual(['#authenticate', 4, ['Not now', 'Not now']]);
  });
});

describe('a channel', () => {
  it('that was lost with the token stays pending and comes back with the next', async () => {
    const store = sharedStore();
    store.value = older;
    const { socket, peer } = await use.pair({ authEngine: store.tab() }, { isAuthenticated: true });
    const channel = socket.subscribe('private');
    const told: string[] = [];
    for (const name of ['subscribe', 'unsubscribe', 'kickOut', 'subscribeFail'] as const) {
      channel.on(name, () => told.push(name));
    }
    peer.send({ rid: (await peer.nextFrame()).cid });
    await until(() => channel.state === 'subscribed', 'it is subscribed');
    peer.send([
      { event: '#removeAuthToken' },
      { event: '#kickOut', data: { channel: 'private', message: 'No token', waitForAuth: true } },
    ]);
    await until(() => channel.state === 'pending', 'it is pending');
    peer.send({ event: '#setAuthToken', data: { token: newer } });
    const again = await peer.nextFrame();
    expect(again).toMatchObject({ event: '#subscribe', data: { channel: 'private' } });
    peer.send({ rid: again.cid });
    await until(() => channel.state === 'subscribed', 'it is back');
    expect(told).toStrictEqual(['subscribe', 'unsubscribe', 'subscribe']);
  });

  it('that waits for a token hears nothing more after a logout here, whenever the server learns of it', async () => {
    const store = sharedStore();
    store.value = older;
    const { socket, peer } = await use.pair({ authEngine: store.tab() }, { isAuthenticated: true });
    const [secret, news] = [socket.subscribe('private', { waitForAuth: true }), socket.subscribe('news')];
    const late = socket.subscribe('late', { waitForAuth: true });
    const heardThere: unknown[] = [];
    for (const channel of [secret, news, late]) channel.watch((data) => heardThere.push([channel.name, data]));
    for (const channel of [secret, news]) {
      peer.send({ rid: (await peer.nextFrame()).cid });
      await until(() => channel.isSubscribed(), `${channel.name} is subscribed`);
    }
    const { cid: lateId } = await peer.nextFrame();
    void socket.deauthenticate();
    expect([socket.authState, secret.state, news.state]).toStrictEqual(['unauthenticated', 'pending', 'subscribed']);
    const said = [await peer.nextFrame(), await peer.nextFrame(), await peer.nextFrame()];
    expect(said).toMatchObject([
      { event: '#removeAuthToken' },
      { event: '#unsubscribe', data: 'private' },
      { event: '#unsubscribe', data: 'late' },
    ]);
    // Sent before the server knew.
    peer.send({ rid: lateId });
    for (const channel of ['private', 'late', 'news']) peer.send({ event: '#publish', data: { channel, data: 1 } });
    peer.send({ event: '#kickOut', data: { channel: 'private', message: 'No token', waitForAuth: true } });
    await until(() => heardThere.length > 0, 'news came');
    expect([heardThere, secret.state, late.state]).toStrictEqual([[['news', 1]], 'pending', 'pending']);
    peer.send({ rid: said[0]?.cid });
    peer.send({ event: '#setAuthToken', data: { token: newer } });
    expect(await peer.nextFrame()).toMatchObject({ event: '#subscribe', data: { channel: 'private' } });
    expect(await peer.nextFrame()).toMatchObject({ event: '#subscribe', data: { channel: 'late' } });
  });

  it('is asked for again after a refusal that passes', async () => {
    const { socket, peer } = await use.pair(atOnce);
    const channel = socket.subscribe('news');
    const failures: unknown[] = [];
    channel.on('subscribeFail', (error) => failures.push(error));
    for (const code of ['SC_STORE_UNAVAILABLE', 'SC_TIMEOUT']) {
      peer.send({ rid: (await peer.nextFrame()).cid, error: { name: 'X', message: 'Later', code } });
    }
    peer.send({ rid: (await peer.nextFrame()).cid });
    await until(() => channel.state === 'subscribed', 'it is subscribed');
    expect(failures).toStrictEqual([]);
  });

  it('with `waitForAuth` that was asked for with other options meanwhile follows them', async () => {
    const { socket, peer } = await use.pair();
    const channel = socket.subscribe('news', { waitForAuth: true });
    channel.subscribe({ data: 1 });
    expect(await peer.nextFrame()).toMatchObject({ event: '#subscribe', data: { channel: 'news', data: 1 } });
  });

  it('keeps what was asked for behind a kick-out of an earlier subscription', async () => {
    const { socket, peer } = await use.pair();
    const channel = socket.subscribe('news');
    peer.send({ rid: (await peer.nextFrame()).cid });
    await until(() => channel.state === 'subscribed', 'it is subscribed');
    channel.unsubscribe().subscribe();
    peer.send({ event: '#kickOut', data: { channel: 'news', message: 'Out' } });
    expect(await peer.nextFrame()).toMatchObject({ event: '#unsubscribe' });
    peer.send({ rid: (await peer.nextFrame()).cid });
    await until(() => channel.state === 'subscribed', 'it is subscribed again');
  });
});

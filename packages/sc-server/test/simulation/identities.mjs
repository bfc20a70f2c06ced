// One run: pages of one visitor and two servers, while logins, logouts, renewals, expiry, subscriptions, kick-outs and lost
// connections cross each other. The servers and the clients are the published code.
import { createServer } from 'node:http';
import { NdataStore } from 'ndata-store';
import { AuthTokenExpiredError, AuthTokenInvalidError, StoreUnavailableError } from 'sc-protocol';
import { connect } from '../../../sc-client/dist/index.js';
import { SCServer } from '../../dist/index.js';
import { use } from './globals.mjs';
import { Network, useNetwork } from './network.mjs';
import { Scheduler, SimulatedProcess } from './scheduler.mjs';
import { Page } from './page.mjs';
import { createWebSocketClass } from './web-socket.mjs';

/** The line `subscribe` lets only tokens with `mayRead` into the first; nothing of it is kept. The second needs any token. */
export const channelNames = ['private/a', 'private/b', 'public/c'];
const ports = [8000, 8001];
const quiet = () => undefined;
/** Milliseconds after which a token that has expired must have no effect any more: the servers look at whole seconds. */
const expirySlackMs = 1300;
/** Milliseconds after the last step in which both ends have to agree. */
const settleMs = 12_000;

/** Runs one seed. Returns what broke a rule, and a log of what was done. */
export async function runIdentities(seed, { fault, isVerbose = false } = {}) {
  const scheduler = new Scheduler(seed);
  const done = [];
  const log = (who, what) => {
    if (isVerbose) done.push(`${scheduler.now.toFixed(1)} ms ${who} ${what}`);
  };
  const rejected = (error) => scheduler.failures.push(error);
  process.on('unhandledRejection', rejected).on('uncaughtException', rejected);
  use(scheduler);
  try {
    const run = new IdentityRun(scheduler, fault, log);
    await run.play();
    return { seed, problems: run.problems, publications: run.publications.size, calls: run.calls, done };
  } catch (error) {
    throw new Error(`Seed ${seed} at ${scheduler.now} ms: ${error?.stack ?? error}\n${done.join('\n')}`, {
      cause: error,
    });
  } finally {
    use(undefined);
    useNetwork(undefined);
    process.off('unhandledRejection', rejected).off('uncaughtException', rejected);
  }
}

class IdentityRun {
  problems = [];
  /** For each publication of the first channel, the sockets whose token allowed it when it was published. */
  publications = new Map();
  calls = 0;
  #scheduler;
  #fault;
  #log;
  #process = new SimulatedProcess('servers');
  #network = new Network();
  #servers = [];
  #pages = [];
  #tokens = 0;
  #published = 0;
  #lifeMs;
  #refusals;

  constructor(scheduler, fault, log) {
    this.#scheduler = scheduler;
    this.#fault = fault;
    this.#log = log;
    this.#lifeMs = scheduler.pick([2000, 5000, 1e9, 1e9]);
    this.#refusals = scheduler.pick([0, 0, 0.1]);
  }

  async play() {
    const scheduler = this.#scheduler;
    useNetwork(this.#network);
    globalThis.WebSocket = createWebSocketClass(this.#network, scheduler, () => scheduler.pick(ports));
    scheduler.schedule(0, () => this.#serve(), this.#process);
    await scheduler.pass(1);
    const shared = { token: null, watchers: new Map() };
    const hasSource = scheduler.random() < 0.4;
    for (let index = scheduler.integer(1, 3); index > 0; index--) {
      const page = new Page({
        name: `page${index}`,
        scheduler,
        shared,
        source: hasSource ? () => this.#renew() : undefined,
        connect,
        channelNames,
        broken: (text) => this.problems.push(text),
        isAllowed: (data, id) => this.publications.get(data)?.has(id) !== false,
        log: this.#log,
      });
      this.#pages.push(page);
    }
    await scheduler.pass(scheduler.pick([5, 200]));
    for (let step = scheduler.integer(8, 35); step > 0; step--) {
      this.#step(scheduler.pick(this.#pages));
      if (scheduler.random() < 0.6) await scheduler.pass(scheduler.between(0, scheduler.random() < 0.2 ? 1500 : 20));
    }
    await scheduler.pass(100);
    for (const page of this.#pages) page.run('connects', (socket) => socket.connect());
    this.#refusals = 0;
    await scheduler.pass(settleMs);
    let wrong = this.#disagreements();
    // A renewal may be under way just now.
    for (let round = 0; round < 20 && wrong.length > 0; round++) {
      await scheduler.pass(25);
      wrong = this.#disagreements();
    }
    this.problems.push(...wrong);
    for (const page of this.#pages) this.calls += page.calls;
  }

  #serve() {
    const store = new NdataStore({ channels: { 'private/*': { history: false } } });
    store.on('error', quiet);
    for (const port of ports) {
      const http = createServer();
      const log = (message, details) => this.#log(`server ${port}`, `${message} ${details?.error ?? ''}`);
      const scServer = SCServer.attach(http, {
        store,
        authEngine: { signToken: (claims) => this.#sign(claims), verifyToken: (token) => this.#verify(token) },
        maxEventLoopLag: 0,
        maxHeapPercent: 0,
        connectionRate: 0,
        subscribeRate: 0,
        maxAuthFailures: 1_000_000,
        pingInterval: 2500,
        pingTimeout: 6000,
        logger: { error: log, warn: log, info: quiet, debug: quiet },
      });
      scServer.addMiddleware('subscribe', (context) => this.#line(context));
      scServer.on('connection', (socket) => {
        socket.on('login', (claims, respond) => {
          socket.setAuthToken({ ...this.#claims(), ...claims }).catch(quiet);
          respond(null, 'done');
        });
        socket.on('logout', () => socket.removeAuthToken());
        socket.on('echo', (data, respond) => setTimeout(() => respond(null, data), this.#scheduler.between(0, 20)));
      });
      this.#network.listen(port, this.#process, (stream) => http.emit('connection', stream));
      this.#servers.push(scServer);
    }
  }

  async #line({ socket, channel }) {
    const { random } = this.#scheduler;
    if (random() < 0.4) await this.#wait(15);
    if (random() < this.#refusals) throw new Error('The line is in a bad mood');
    if (random() < this.#refusals) throw new StoreUnavailableError('The line cannot tell');
    if (channel === channelNames[0] && socket.authToken?.mayRead !== true) throw new Error('Not with this token');
  }

  #claims() {
    const { random, now } = this.#scheduler;
    const user = random() < 0.7 ? 'ada' : 'bob';
    return {
      username: user,
      mayRead: random() < 0.7,
      id: ++this.#tokens,
      exp: Math.floor((Date.now() + this.#lifeMs) / 1000),
      at: now,
    };
  }

  #text(claims) {
    return `simulated.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signed`;
  }

  async #renew() {
    await this.#wait(40);
    if (this.#scheduler.random() < 0.3) throw new Error('The source failed');
    return this.#text(this.#claims());
  }

  async #sign(claims) {
    await this.#wait(6);
    return this.#text(claims);
  }

  async #verify(token) {
    await this.#wait(6);
    const parts = String(token).split('.');
    if (parts[2] !== 'signed') throw new AuthTokenInvalidError('The token is not signed');
    const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
    if (claims.exp * 1000 <= Date.now())
      throw new AuthTokenExpiredError('The token has expired', { expiry: claims.exp });
    return claims;
  }

  #wait(ms) {
    return new Promise((resolve) => void setTimeout(resolve, this.#scheduler.random() * ms));
  }

  #cores() {
    return this.#servers.flatMap((scServer) => [...scServer.inside.cores]);
  }

  #coreOf(id) {
    return this.#cores().find((core) => core.id === id);
  }

  /** Runs something in the servers, about the socket of a page if it has one there. */
  #there(what, run, page) {
    const scheduler = this.#scheduler;
    this.#log('the servers', what);
    const act = () => {
      const core = page === undefined ? undefined : this.#coreOf(page.socket?.id);
      if (page !== undefined && core?.state !== 'open') return;
      run(core?.socket, scheduler.pick(this.#servers));
    };
    scheduler.schedule(0, act, this.#process);
  }

  #publish(channel) {
    this.#there(`publish to ${channel}`, (_socket, scServer) => {
      const data = ++this.#published;
      if (channel === channelNames[0]) this.publications.set(data, new Set(this.#allowed()));
      void scServer.exchange.publish(channel, data);
    });
  }

  *#allowed() {
    for (const { id, identity } of this.#cores()) {
      const { token } = identity;
      if (this.#fault === 'expired') continue;
      if (token?.mayRead === true && token.exp * 1000 + expirySlackMs > Date.now()) yield id;
    }
  }

  #step(page) {
    const scheduler = this.#scheduler;
    const channel = scheduler.pick(channelNames);
    const user = scheduler.pick(['ada', 'bob']);
    const claims = this.#claims();
    const steps = [
      () => page.call('authenticates', (socket) => socket.authenticate(this.#text(claims))),
      () => page.call('authenticates badly', (socket) => socket.authenticate('bad')),
      () => page.call('logs in', (socket) => socket.invoke('login', claims)),
      () => page.call('logs in', (socket) => socket.invoke('login', claims)),
      () => page.call('logs out', (socket) => socket.deauthenticate()),
      () => page.call('calls', (socket) => socket.invoke('echo', 1)),
      () => page.call('publishes', (socket) => socket.publish('another', 0)),
      () => page.run('asks to be logged out', (socket) => socket.emit('logout')),
      () => page.subscribe(channelNames[0]),
      () => page.subscribe(channelNames[0]),
      () => page.subscribe(channel),
      () => page.subscribe(channel),
      () => page.run(`leaves ${channel}`, (socket) => socket.unsubscribe(channel)),
      () => scheduler.random() < 0.3 && page.run('disconnects', (socket) => socket.disconnect()),
      () => page.run('connects', (socket) => socket.connect()),
      () => page.run('reconnects', (socket) => socket.reconnect()),
      () => scheduler.pick(this.#network.connections('page', 'servers'))?.cut(scheduler.random() < 0.2),
      () => this.#publish(channelNames[0]),
      () => this.#publish(channelNames[0]),
      () => this.#publish(channel),
      () => this.#there('renew', (socket) => void socket.setAuthToken(claims).catch(quiet), page),
      () => this.#there('remove a token', (socket) => socket.removeAuthToken(), page),
      () => this.#there(`kick out of ${channel}`, (socket) => socket.kickOut(channel, 'Out'), page),
      // Such a subscription is not asked about, and needs a token only if it says so.
      () => {
        const [, ...others] = channelNames;
        const ordered = scheduler.pick(others);
        const options = scheduler.random() < 0.5 ? { waitForAuth: true } : {};
        this.#there(`subscribe to ${ordered}`, (socket) => void socket.subscribe(ordered, options).catch(quiet), page);
      },
      () => this.#there(`kick out ${user}`, (_socket, scServer) => void scServer.kickOutUser(user)),
      () => this.#there(`deauthenticate ${user}`, (_socket, scServer) => void scServer.deauthenticateUser(user)),
      () =>
        scheduler.random() < 0.3 &&
        this.#there(`disconnect ${user}`, (_s, scServer) => void scServer.disconnectUser(user, 4500)),
    ];
    scheduler.pick(steps)();
  }

  #disagreements() {
    return this.#pages.flatMap((page) => page.disagreements(this.#coreOf(page.socket?.id)));
  }
}
